"""Units by the names that KQL gives them, and how each relates to the base unit of its quantity.

Names and factors are those of UnitsNet, the library that KQL's documentation takes its units from, also where a factor
has fewer digits than the unit's definition: results must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Unit:
    """So many of the base unit: `value * multiplier / divisor + offset`."""

    multiplier: float = 1.0
    divisor: float = 1.0
    offset: float = 0.0


_PREFIXES = {
    "Nano": 1e-9,
    "Micro": 1e-6,
    "Milli": 1e-3,
    "Centi": 1e-2,
    "Deci": 1e-1,
    "Deca": 10.0,
    "Hecto": 1e2,
    "Kilo": 1e3,
    "Mega": 1e6,
    "Giga": 1e9,
    "Tera": 1e12,
}


def _with_prefixes(name: str, unit: Unit, prefixes: str, *, alone: bool = True) -> dict[str, Unit]:
    """Return a unit, and its multiples and parts by name: `KilowattHour`."""
    named = {name: unit} if alone else {}
    for prefix in prefixes.split():
        size = _PREFIXES[prefix]
        multiplier, divisor = (1.0, 1 / size) if size < 1 else (size, 1.0)
        named[f"{prefix}{name[0].lower()}{name[1:]}"] = Unit(
            unit.multiplier * multiplier, unit.divisor * round(divisor), unit.offset
        )
    return named


_ANGLES = {
    **_with_prefixes("Degree", Unit(), "Nano Micro Milli"),
    **_with_prefixes("Radian", Unit(180.0, 3.141592653589793), "Nano Micro Milli Centi Deci"),
    "Arcminute": Unit(divisor=60),
    "Arcsecond": Unit(divisor=3600),
    "Gradian": Unit(0.9),
    "NatoMil": Unit(9, 160),
    "Revolution": Unit(360),
    "Tilt": Unit(),  # a sine, see `units`
}

_ENERGIES = {
    **_with_prefixes("Joule", Unit(), "Milli Kilo Mega Giga"),
    **_with_prefixes("Calorie", Unit(4.184), "Kilo Mega"),
    **_with_prefixes("BritishThermalUnit", Unit(1055.05585262), "Kilo Mega Giga"),
    **_with_prefixes("ElectronVolt", Unit(1.602176565e-19), "Kilo Mega Giga Tera"),
    **_with_prefixes("WattHour", Unit(3600), "Kilo Mega Giga Tera"),
    **_with_prefixes("WattDay", Unit(86400), "Kilo Mega Giga Tera"),
    **_with_prefixes("ThermEc", Unit(1.05505585262e8), "Deca"),
    **_with_prefixes("ThermUs", Unit(1.054804e8), "Deca"),
    **_with_prefixes("ThermImperial", Unit(1.05505585257348e8), "Deca"),
    "Erg": Unit(1e-7),
    "FootPound": Unit(1.355817948),
    "HorsepowerHour": Unit(2.6845195377e6),
}

_FORCES = {
    **_with_prefixes("Newton", Unit(), "Micro Milli Deca Kilo Mega"),
    **_with_prefixes("PoundForce", Unit(4.4482216152605095551842641431421), "Kilo"),
    "Dyn": Unit(divisor=1e5),
    "KilogramForce": Unit(9.80665002864),
    "KiloPond": Unit(9.80665002864),
    "TonneForce": Unit(9.80665002864e3),
    "Poundal": Unit(0.13825502798973041652092282466083),
    "OunceForce": Unit(2.780138509537812e-1),
    "ShortTonForce": Unit(8.896443230521e3),
}

_LENGTHS = {
    **_with_prefixes("Meter", Unit(), "Nano Micro Milli Centi Deci Deca Hecto Kilo"),
    **_with_prefixes("Parsec", Unit(3.08567758128e16), "Kilo Mega"),
    **_with_prefixes("LightYear", Unit(9.46073047258e15), "Kilo Mega"),
    "Angstrom": Unit(1e-10),
    "AstronomicalUnit": Unit(1.4959787070e11),
    "Chain": Unit(20.1168),
    "DataMile": Unit(1828.8),
    "DtpPica": Unit(divisor=236.220472441),
    "DtpPoint": Unit(2.54e-2, 72),
    "Fathom": Unit(1.8288),
    "Foot": Unit(0.3048),
    "Hand": Unit(1.016e-1),
    "Inch": Unit(2.54e-2),
    "Microinch": Unit(2.54e-8),
    "Mil": Unit(2.54e-5),
    "Mile": Unit(1609.344),
    "NauticalMile": Unit(1852),
    "PrinterPica": Unit(divisor=237.106301584),
    "PrinterPoint": Unit(2.54e-2, 72.27),
    "Shackle": Unit(27.432),
    "SolarRadius": Unit(6.95510000e8),
    "Twip": Unit(divisor=56692.913385826),
    "UsSurveyFoot": Unit(1200, 3937),
    "Yard": Unit(0.9144),
}

_MASSES = {
    **_with_prefixes("Gram", Unit(divisor=1e3), "Nano Micro Milli Centi Deci Deca Hecto"),
    **_with_prefixes("Tonne", Unit(1e3), "Kilo Mega"),
    **_with_prefixes("Pound", Unit(0.45359237), "Kilo Mega"),
    "Kilogram": Unit(),
    "EarthMass": Unit(5.9722e24),
    "Grain": Unit(divisor=15432.358352941431),
    "LongHundredweight": Unit(divisor=0.01968413055222121),
    "LongTon": Unit(1.0160469088e3),
    "Ounce": Unit(0.028349523125),
    "ShortHundredweight": Unit(divisor=0.022046226218487758),
    "ShortTon": Unit(9.0718474e2),
    "Slug": Unit(divisor=6.852176556196105e-2),
    "SolarMass": Unit(1.98947e30),
    "Stone": Unit(divisor=0.1574731728702698),
}

_DISTANCES_OF_SPEED = {
    "Foot": Unit(0.3048),
    "UsSurveyFoot": Unit(1200, 3937),
    "Inch": Unit(2.54e-2),
    "Yard": Unit(0.9144),
}

_SPEEDS = {
    **_with_prefixes("MeterPerSecond", Unit(), "Nano Micro Milli Centi Deci Kilo"),
    **_with_prefixes("MeterPerMinute", Unit(divisor=60), "Nano Micro Milli Centi Deci Kilo"),
    **_with_prefixes("MeterPerHour", Unit(divisor=3600), "Milli Centi Kilo"),
    **{
        f"{distance}Per{time}": Unit(unit.multiplier, unit.divisor * seconds)
        for distance, unit in _DISTANCES_OF_SPEED.items()
        for time, seconds in (("Second", 1), ("Minute", 60), ("Hour", 3600))
    },
    "Knot": Unit(1852, 3600),
    "MilePerHour": Unit(0.44704),
}

_TEMPERATURES = {
    "Kelvin": Unit(),
    "DegreeCelsius": Unit(offset=273.15),
    "MillidegreeCelsius": Unit(divisor=1000, offset=273.15),
    "DegreeDelisle": Unit(-2, 3, 373.15),
    "DegreeFahrenheit": Unit(5, 9, 459.67 * 5 / 9),
    "DegreeNewton": Unit(100, 33, 273.15),
    "DegreeRankine": Unit(5, 9),
    "DegreeReaumur": Unit(5, 4, 273.15),
    "DegreeRoemer": Unit(40, 21, 273.15 - 7.5 * 40 / 21),
    "SolarTemperature": Unit(5778),
}

_VOLUMES = {
    **_with_prefixes("Liter", Unit(divisor=1e3), "Micro Milli Centi Deci Deca Hecto Kilo Mega"),
    **_with_prefixes("CubicMeter", Unit(), "Hecto Kilo"),
    **_with_prefixes("CubicFoot", Unit(2.8316846592e-2), "Hecto Kilo Mega"),
    **_with_prefixes("ImperialGallon", Unit(0.00454609000000181429905810072407), "Kilo Mega"),
    **_with_prefixes("UsGallon", Unit(0.00378541), "Deca Deci Hecto Kilo Mega"),
    "AcreFoot": Unit(divisor=0.000810714),
    "AuTablespoon": Unit(2e-5),
    "BoardFoot": Unit(2.3597372158e-3),
    "CubicCentimeter": Unit(divisor=1e6),
    "CubicDecimeter": Unit(divisor=1e3),
    "CubicHectometer": Unit(1e6),
    "CubicInch": Unit(1.6387e-5),
    "CubicKilometer": Unit(1e9),
    "CubicMicrometer": Unit(divisor=1e18),
    "CubicMile": Unit(4.16818182544058e9),
    "CubicMillimeter": Unit(divisor=1e9),
    "CubicYard": Unit(0.764554858),
    "ImperialBeerBarrel": Unit(0.16365924),
    "ImperialOunce": Unit(2.8413062499962901241875439064617e-5),
    "ImperialPint": Unit(5.6826125e-4),
    "MetricCup": Unit(0.00025),
    "MetricTeaspoon": Unit(0.5e-5),
    "OilBarrel": Unit(0.158987294928),
    "UkTablespoon": Unit(1.5e-5),
    "UsBeerBarrel": Unit(0.1173477658),
    "UsCustomaryCup": Unit(0.0002365882365),
    "UsLegalCup": Unit(0.00024),
    "UsOunce": Unit(2.957352956253760505068307980135e-5),
    "UsPint": Unit(4.73176473e-4),
    "UsQuart": Unit(9.46352946e-4),
    "UsTablespoon": Unit(1.478676478125e-5),
    "UsTeaspoon": Unit(4.92892159375e-6),
}

UNITS: Mapping[str, Mapping[str, Unit]] = MappingProxyType({
    "angle": _ANGLES,
    "energy": _ENERGIES,
    "force": _FORCES,
    "length": _LENGTHS,
    "mass": _MASSES,
    "speed": _SPEEDS,
    "temperature": _TEMPERATURES,
    "volume": _VOLUMES,
})  # fmt: skip
"""The units of each quantity, whose base units are degree, joule, newton, metre, kilogram, metre a second, kelvin and
cubic metre."""
