"""Serial scan engines: lines of bytes from codes that people hold in front of them."""
