"""Translations: one ``.po`` file a language, Chinese (zh-Hans) being the source."""
