"""Where a citizen can be: every page of the kiosk, one module for each kind of business.

A page is a frozen record with what it needs to know and no more. It never holds a name, a number or a sealed person.
"""

from __future__ import annotations

from kiosk.flow.pages.booking import (
    Away,
    BookConfirm,
    Booked,
    Checklist,
    Days,
    Missing,
    NoPlaces,
    OnList,
    OtherWays,
    Slots,
)
from kiosk.flow.pages.common import (
    Asking,
    CheckInWays,
    Confirm,
    Covered,
    Found,
    Given,
    Help,
    Hot,
    InTheme,
    More,
    Printing,
    Refusal,
    SaysBooked,
    Searching,
    Several,
    Shut,
    Start,
    StillThere,
    Themes,
    Trouble,
    TypeCode,
    TypeNumber,
    TypePhone,
)
from kiosk.flow.pages.idle import Attract
from kiosk.flow.pages.orders import Emergency
from kiosk.flow.pages.people import (
    CardLeft,
    NotForOthers,
    ProxyCard,
    ProxyMinor,
    ProxyNumber,
    ProxyPermit,
    ProxyReady,
    ProxyRelation,
    ProxyWithout,
    Rate,
    Rated,
    RateNumber,
    RateReasons,
    RateWays,
    Visit,
)
from kiosk.flow.pages.service import (
    CannotLookUp,
    Consent,
    LayCard,
    LookUps,
    NoProgress,
    NoRecord,
    Progress,
    ProgressWays,
    Record,
    ServiceMenu,
    TakeAway,
    TypeCase,
    TypeTicket,
)
from kiosk.flow.pages.settings import Settings
from kiosk.flow.pages.technician import TechCode, TechMenu, TechNetwork, TechPage, TechSure, TechTests

__all__ = [
    "Asking",
    "Attract",
    "Away",
    "BookConfirm",
    "Booked",
    "CannotLookUp",
    "CardLeft",
    "CheckInWays",
    "Checklist",
    "Confirm",
    "Consent",
    "Covered",
    "Days",
    "Emergency",
    "Found",
    "Given",
    "Help",
    "Hot",
    "InTheme",
    "LayCard",
    "LookUps",
    "Missing",
    "More",
    "NoPlaces",
    "NoProgress",
    "NoRecord",
    "NotForOthers",
    "OnList",
    "OtherWays",
    "Page",
    "Printing",
    "Progress",
    "ProgressWays",
    "ProxyCard",
    "ProxyMinor",
    "ProxyNumber",
    "ProxyPermit",
    "ProxyReady",
    "ProxyRelation",
    "ProxyWithout",
    "Rate",
    "RateNumber",
    "RateReasons",
    "RateWays",
    "Rated",
    "Record",
    "Refusal",
    "SaysBooked",
    "Searching",
    "ServiceMenu",
    "Settings",
    "Several",
    "Shut",
    "Slots",
    "Start",
    "StillThere",
    "TakeAway",
    "TechCode",
    "TechMenu",
    "TechNetwork",
    "TechPage",
    "TechSure",
    "TechTests",
    "Themes",
    "Trouble",
    "TypeCase",
    "TypeCode",
    "TypeNumber",
    "TypePhone",
    "TypeTicket",
    "Visit",
]

Page = (
    Start
    | Hot
    | Themes
    | InTheme
    | Searching
    | Found
    | Confirm
    | CheckInWays
    | TypeNumber
    | TypePhone
    | TypeCode
    | Asking
    | Several
    | Given
    | Refusal
    | SaysBooked
    | Trouble
    | Help
    | More
    | Covered
    | StillThere
    | Shut
    | CardLeft
    | Emergency
    | NotForOthers
    | ProxyCard
    | ProxyMinor
    | ProxyNumber
    | ProxyPermit
    | ProxyReady
    | ProxyRelation
    | ProxyWithout
    | Rate
    | RateNumber
    | RateReasons
    | RateWays
    | Rated
    | TechPage
    | Attract
    | Settings
    | Away
    | BookConfirm
    | Booked
    | Checklist
    | Days
    | Missing
    | NoPlaces
    | OnList
    | OtherWays
    | Slots
    | ServiceMenu
    | ProgressWays
    | TypeTicket
    | TypeCase
    | Progress
    | NoProgress
    | LookUps
    | Consent
    | LayCard
    | Record
    | NoRecord
    | TakeAway
    | CannotLookUp
)
