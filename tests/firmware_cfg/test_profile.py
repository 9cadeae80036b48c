"""Profiles are read strictly: every mistake at once, with the nearest known word, and no secret in the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_cfg.load import PROFILES, load_profile, shipped_profiles
from firmware_cfg.profile import BadProfile, Secret

DEMO = (PROFILES / "demo.toml").read_text(encoding="utf-8")


def mistakes(name: str | Path, overrides: list[str] | None = None) -> dict[str, str]:
    with pytest.raises(BadProfile) as caught:
        load_profile(name, overrides or [])
    return {mistake.key: mistake.sentence for mistake in caught.value.mistakes}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_profile_is_right(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.kiosk.owner
    assert profile.kiosk.owner_phone


def test_the_two_panels_of_the_table() -> None:
    demo, outlet = load_profile("demo").screen, load_profile("outlet-7in").screen
    assert (demo.width_px, demo.height_px, demo.pitch_mm) == (1080, 1920, 0.248)
    assert (outlet.width_px, outlet.height_px, outlet.pitch_mm) == (800, 480, 0.193)


def test_a_profile_may_lie_anywhere(tmp_path: Path) -> None:
    assert load_profile(written(tmp_path, DEMO)).name == "own"
    assert load_profile(str(written(tmp_path, DEMO))).kiosk == load_profile("demo").kiosk


def test_all_mistakes_stand_in_one_report(tmp_path: Path) -> None:
    text = DEMO.replace("site =", "sight =").replace("port = 18830", 'port = "banana"').replace("0.248", "-1")
    found = mistakes(written(tmp_path, text + "\n[idel]\nlimit_s = 5\n"), ["idle.warning_s=5", "printer.paper_mm=79"])
    assert found == {
        "kiosk.sight": "there is no such key (did you mean 'site'?)",
        "kiosk.site": "is missing",
        "broker.port": "must be a whole number, not 'banana'",
        "screen.pitch_mm": "must be from 0.05 to 2, not -1",
        "idel": "there is no such section (did you mean 'idle'?)",
        "idle.warning_s": "must be from 20 to 300, not 5",
        "printer.paper_mm": "must be one of 58, 80, not 79",
    }


def test_the_report_is_lines_that_a_technician_can_work_through() -> None:
    with pytest.raises(BadProfile) as caught:
        load_profile("demo", ["broker.port=0", "screen.width_px=1"])
    assert str(caught.value).splitlines() == [
        "profile demo: 2 mistakes",
        "  - screen.width_px: must be from 320 to 7680, not 1",
        "  - broker.port: must be from 1 to 65535, not 0",
    ]


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("screen.fullscreen=1", "screen.fullscreen"),
        ("broker.port=true", "broker.port"),
        ("broker.port=1.5", "broker.port"),
        ("kiosk.name_zh=[1]", "kiosk.name_zh"),
        ("kiosk.owner=", "kiosk.owner"),
        ("kiosk.owner_phone=ask at the desk", "kiosk.owner_phone"),
        ("kiosk.id=a/b", "kiosk.id"),
        ("kiosk.id=a+", "kiosk.id"),
        ("kiosk.public_url=ftp://x", "kiosk.public_url"),
        ('kiosk.name_zh="a\\nb"', "kiosk.name_zh"),
        ('broker.others=["nowhere"]', "broker.others"),
        ('broker.others="a:1"', "broker.others"),
        ("idcard.baud=fast", "idcard.baud"),
        ("idcard.port=a b", "idcard.port"),
        ('idcard.power_cycle="uhubctl -a cycle"', "idcard.power_cycle"),
        ('printer.power_cycle=["uhubctl", ""]', "printer.power_cycle"),
        ('scanner.power_cycle=["a\\nb"]', "scanner.power_cycle"),
        ('scanner.prefixes=["hex:0"]', "scanner.prefixes"),
        ('scanner.prefixes=["hex:zz"]', "scanner.prefixes"),
        ('scanner.prefixes=["hex:1b 0D"]', "scanner.prefixes"),
        ('scanner.prefixes=[""]', "scanner.prefixes"),
        ('scanner.prefixes=["预"]', "scanner.prefixes"),
        ("scanner.trigger=zebra", "scanner.trigger"),
        ("camera.port=a b", "camera.port"),
        ("camera.decoder=opencv", "camera.decoder"),
        ("panel.pins=rpigpio", "panel.pins"),
        ("panel.pins=pigpio://nowhere", "panel.pins"),
        ("panel.layout=../etc", "panel.layout"),
        ("kiosk=5", "kiosk"),
        ("nonsense", "nonsense"),
        ('kiosk.server_key_file=""', "kiosk.server_key_file"),
    ],
)
def test_a_wrong_value_is_named_by_its_key(override: str, key: str) -> None:
    assert list(mistakes("demo", [override])) == [key]


def test_a_kiosk_without_an_owner_cannot_start(tmp_path: Path) -> None:
    text = "\n".join(line for line in DEMO.splitlines() if not line.startswith("owner"))
    assert mistakes(written(tmp_path, text)) == {"kiosk.owner": "is missing", "kiosk.owner_phone": "is missing"}


def test_a_profile_that_is_not_there_or_no_toml(tmp_path: Path) -> None:
    assert "did you mean 'demo'" in mistakes("dmeo")[""]
    assert "cannot be read" in mistakes(tmp_path / "none.toml")[""]
    assert "is not TOML" in mistakes(written(tmp_path, "[kiosk"))[""]
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    assert "is not TOML" in mistakes(tmp_path / "latin.toml")[""]


def test_overrides_are_toml_values_or_bare_words() -> None:
    profile = load_profile(
        "demo",
        [
            "broker.port=1999",
            "scanner.port=/dev/ttyACM0",
            "speech.enabled=false",
            "idle.limit_s=90",
            "idcard.baud=9600",
        ],
    )
    assert profile.broker.port == 1999
    assert profile.scanner.port == "/dev/ttyACM0"
    assert profile.speech.enabled is False
    assert profile.idle.limit_s == 90
    assert profile.idcard.baud == "9600"


def test_the_brokers_are_tried_in_the_order_given() -> None:
    profile = load_profile("demo", ['broker.others=["10.0.0.2:1883", "b.hall:8883"]'])
    assert profile.broker.addresses == (("127.0.0.1", 18830), ("10.0.0.2", 1883), ("b.hall", 8883))


def test_a_kiosks_broker_user_is_its_id_unless_said_otherwise() -> None:
    assert load_profile("demo").broker.user == load_profile("demo").kiosk.id
    assert load_profile("demo", ["broker.user=other"]).broker.user == "other"


def test_secrets_print_as_stars_and_never_stand_in_a_report(tmp_path: Path) -> None:
    text = DEMO.replace('password_file = "var/secrets/mqtt-kiosk-01"', 'password = "correct horse"')
    profile = load_profile(written(tmp_path, text))
    assert profile.broker.password == Secret("correct horse")
    assert profile.broker.read_password() == Secret("correct horse")
    assert "horse" not in repr(profile)
    assert "***" in repr(profile)
    for overrides in (
        ['broker.password=[1, "horse"]'],
        ["broker.password=horse", "broker.password_file=x"],
        ["x=horse"],
    ):
        with pytest.raises(BadProfile) as caught:
            load_profile("demo", overrides)
        assert "horse" not in str(caught.value)


def test_the_password_file_is_read_when_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("a long word\n")
    profile = load_profile("demo", [f"broker.password_file={tmp_path / 'word'}"])
    assert profile.broker.read_password() == Secret("a long word")
    with pytest.raises(FileNotFoundError):
        load_profile("demo", [f"broker.password_file={tmp_path / 'none'}"]).broker.read_password()


def test_no_device_is_fitted_unless_said(tmp_path: Path) -> None:
    bare = DEMO.split("[broker]")[0]
    profile = load_profile(written(tmp_path, bare))
    assert profile.idcard.port == profile.printer.port == profile.scanner.port == ""
    assert (profile.camera.port, profile.camera.decoder) == ("", "zxing")
    assert (profile.panel.pins, profile.panel.layout) == ("", "demo")
    assert profile.idcard.power_cycle == profile.printer.power_cycle == profile.scanner.power_cycle == ()


@pytest.mark.parametrize("pins", ["", "lgpio", "lgpio:4", "mock", "pigpio://127.0.0.1:8888", "pigpio://pi.hall:8888"])
def test_the_panels_pins_are_one_of_three_kinds(pins: str) -> None:
    assert load_profile("demo", [f'panel.pins="{pins}"']).panel.pins == pins


@pytest.mark.parametrize("layout", ["demo", "keypad-4x3", "/etc/jiaohao/panel.toml"])
def test_a_panels_wiring_is_shipped_or_the_sites_own(layout: str) -> None:
    assert load_profile("demo", [f"panel.layout={layout}"]).panel.layout == layout


@pytest.mark.parametrize("port", ["/dev/video0", "0", "picamera2", "http://127.0.0.1:8090/camera"])
def test_the_camera_has_an_address_of_its_own_kind(port: str) -> None:
    assert load_profile("demo", [f"camera.port={port}", "camera.decoder=zbar"]).camera.port == port


def test_a_prefix_is_text_or_bytes() -> None:
    profile = load_profile("demo", ['scanner.prefixes=["]Q1", "hex:02", "hex:1b 5D"]', "scanner.trigger=newland"])
    assert profile.scanner.prefix_bytes == (b"]Q1", b"\x02", b"\x1b]")
    assert profile.scanner.trigger == "newland"


def test_a_supply_is_switched_by_a_command_of_several_words() -> None:
    profile = load_profile("demo", ['idcard.power_cycle=["uhubctl", "-l", "1-1", "-a", "cycle"]'])
    assert profile.idcard.power_cycle == ("uhubctl", "-l", "1-1", "-a", "cycle")
