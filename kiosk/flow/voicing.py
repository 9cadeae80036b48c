"""The voice's own switches: on and off, louder and softer, a dark screen, and where on the page the keypad stands.

读屏 (``reader``) is for who does not see the screen: it also says how to go on. 长者专版 turns the voice on without it,
because its words are seen, too; one touch turns either off. All of it is the session's and ends with it, with one
exception: who goes back to the first page, or home, by the keypad is still there, and is not left in silence.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.effects import Effect, Repeat, Speak
from kiosk.flow.state import VOLUMES, Session, State
from kiosk.text import words


def switched(state: State) -> State:
    """The voice on, as 读屏, or off; on only where there is a speaker."""
    session = state.session
    if not session.voice and not state.kiosk.speaks:
        return state
    on = not session.voice
    session = replace(session, voice=on, reader=on, dark=session.dark and on, focus=-1)
    return replace(state, session=session)


def elder(state: State) -> Session:
    """长者专版 on, with its voice, or off, without the one it has brought."""
    session = state.session
    on = not session.elder
    voice = session.voice or state.kiosk.speaks if on else session.voice and session.reader
    return replace(session, elder=on, voice=voice)


def louder(state: State, steps: int) -> State:
    volume = min(VOLUMES - 1, max(0, state.session.volume + steps))
    return replace(state, session=replace(state.session, volume=volume))


def darkened(state: State, *, dark: bool) -> State:
    """Only the picture goes: who hears the page goes on with it."""
    return replace(state, session=replace(state.session, dark=dark))


def focused(state: State, at: int) -> tuple[State, tuple[Effect, ...]]:
    """The keypad stands on control ``at``; if it stood there already, or on the whole page, that is heard again."""
    again = at == state.session.focus
    state = replace(state, session=replace(state.session, focus=max(-1, at)))
    if at < 0:
        return state, (Repeat(whole=True),)
    return state, (Repeat(),) if again else ()


def refocused(before: State, after: State) -> State:
    """A new page is heard as a whole before anything on it is chosen."""
    if after.session.focus < 0 or after.place == before.place:
        return after
    return replace(after, session=replace(after.session, focus=-1))


def still_heard(before: State, after: State) -> State:
    """``after`` began a new session because the citizen went back or home: who listens goes on listening."""
    was = before.session
    if not was.voice:
        return after
    session = replace(
        after.session,
        lang=was.lang,
        elder=was.elder,
        voice=True,
        reader=was.reader,
        volume=was.volume,
        dark=was.dark,
        touched_s=after.kiosk.monotonic_s,
    )
    return replace(after, session=session)


def farewell(before: State, after: State) -> tuple[Effect, ...]:
    """Who has ended it by a touch or a key, and listened, hears that it is over: silence would leave them waiting."""
    was, now = before.session, after.session
    if not was.voice or now.voice or was.id == now.id:
        return ()
    return (Speak(words(was.lang)("本次办理已结束，语音已关闭"), was.lang),)
