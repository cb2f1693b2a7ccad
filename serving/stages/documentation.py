"""What the OpenAPI document says about the bodies of ladders and tariffs: fields, bounds and examples."""

from __future__ import annotations

from collections.abc import Iterable

from pricing.materials import Material
from pricing.price import Currency, Unit
from pricing.stages.ladder import MADE_BY, Stage
from pricing.stages.tariff import DutyOn
from serving.documentation import JsonSchema, json_body, span_schema
from serving.reading import Span
from serving.stages.imports import AMOUNT, BASES, PER_USD, REFUND, VAT_RATE
from serving.stages.ladder_question import CHANGE, UNIT_KG
from serving.stages.start import GIVEN, ORIGINS, USD_PER_KG
from serving.stages.steps import (
    CONTENT,
    KG_IN,
    MAX_OTHERS,
    NAME,
    OTHER_KG,
    OTHER_PRICE,
    PLACES,
    SHARE,
    TOLL,
    TOLL_IN,
)
from serving.stages.tariff_question import CARRIAGE, TARIFF

KG_IN_EXAMPLES = {"cracking": 2, "reduction": 1.2, "alloying": 0.31, "magnet_making": 1.3}


def _object(properties: dict[str, JsonSchema], *required: str, about: str = "") -> JsonSchema:
    schema: JsonSchema = {"type": "object", "additionalProperties": False, "properties": properties}
    return schema | ({"required": list(required)} if required else {}) | ({"description": about} if about else {})


def _words(words: Iterable[str], about: str, default: str | None = None) -> JsonSchema:
    schema: JsonSchema = {"type": "string", "enum": [str(word) for word in words], "description": about}
    return schema if default is None else schema | {"default": str(default)}


def _others(amount: str, span: Span, *required: str) -> JsonSchema:
    price = span_schema(OTHER_PRICE, 300)
    return {
        "type": "object",
        "description": "What else goes in, or lies beside the oxide in a carbonate, by name.",
        "additionalProperties": False,
        "maxProperties": MAX_OTHERS,
        "patternProperties": {
            f"^{NAME.pattern}$": _object({amount: span_schema(span, 0.005), "usd_per_kg": price}, *required)
        },
        "example": {"Dy": {amount: 0.005, "usd_per_kg": 300}},
    }


def _step(step: str) -> JsonSchema:
    kg_in = span_schema(KG_IN[step], KG_IN_EXAMPLES[step])
    ratio = {"kg_in": kg_in, "recovery": span_schema(SHARE, 0.98), "toll": span_schema(TOLL, 12)}
    about = "A stated kg_in stands alone: no loss and no toll unless these are stated too."
    return _object(ratio | {"others": _others("kg", OTHER_KG, "kg", "usd_per_kg")}, about=about)


SEPARATION = _object(
    {
        "share": span_schema(CONTENT, 0.22),
        "payable": span_schema(SHARE, 0.7),
        "recovery": span_schema(SHARE, 0.93),
        "toll": span_schema(TOLL_IN, 2),
        "others": _others("share", CONTENT, "share"),
    },
    about="The carbonate fetches payable x recovery x basket - toll per kg TREO.",
)
STEPS = _object(
    {"made_in": _words(PLACES, "Where the steps are done, for tolls left to the evidence.", PLACES[1])}
    | {step: SEPARATION if step == "separation" else _step(step) for step in MADE_BY.values()},
    about="What is left out comes from the evidence where that has a number; the answer lists both.",
)
START = _object(
    {
        "stage": _words(Stage, "Stage whose price is known; the model's prices are of oxide."),
        "from": _words(ORIGINS, "Stated here, or the model's fair or market price.", GIVEN),
        "region": _words(PLACES, "Whose market; fair prices are delivered outside China.", PLACES[1]),
        "usd_per_kg": span_schema(USD_PER_KG, 110),
    },
    about="USD per kg of the stage; of carbonate per kg TREO.",
)
AS_OF: JsonSchema = {
    "type": "string",
    "format": "date",
    "description": "Day of a fair or market price; left out, the dataset's last day.",
    "example": "2026-02-28",
}
MATERIAL = _words(Material, "Material.")
LADDER_SCHEMA = _object(
    {
        "material": MATERIAL,
        "as_of": AS_OF,
        "start": START,
        "steps": STEPS,
        "to": _words(Stage, "The stage wanted; refused with what is missing when it cannot be priced."),
        "change": span_schema(CHANGE, 15),
        "per_unit": _object(
            {"stage": _words(Stage, "Of which stage.", Stage.MAGNET), "kg": span_schema(UNIT_KG, 2)}, "kg"
        ),
    },
    "material",
    "start",
)
IMPORT = _object(
    {
        "basis": _words(BASES, "What the amount is."),
        "amount": span_schema(AMOUNT, 94.73),
        "currency": _words(Currency, "Money of the amount.", Currency.USD),
        "unit": _words(Unit, "Mass the amount is per.", Unit.KG),
        "fx_per_usd": span_schema(PER_USD, 6.95),
        "vat_rate": span_schema(VAT_RATE, 0.13),
        "vat_refund_share": span_schema(REFUND, 0),
        "reference": span_schema(USD_PER_KG, 110),
    },
    "basis",
    "amount",
    about="A domestic price needs vat_refund_share: what of the VAT is refunded on export.",
)
TARIFF_SCHEMA = _object(
    {
        "material": MATERIAL,
        "as_of": AS_OF,
        "imports": _object({stage.value: IMPORT for stage in Stage}) | {"minProperties": 1},
        "reference": START,
        "reference_steps": STEPS,
        "import_steps": STEPS,
        "rate": span_schema(TARIFF, 0.25),
        "duty_on": _words(DutyOn, "Whether duty falls on freight and insurance too."),
        "freight": span_schema(CARRIAGE, 0.5),
        "insurance": span_schema(CARRIAGE, 0.1),
    },
    "material",
    "imports",
)
CARBONATE = {
    "material": "NdPr",
    "start": {"stage": "oxide", "usd_per_kg": 95},
    "to": "carbonate",
    "steps": {
        "separation": {
            "share": 0.22,
            "payable": 0.7,
            "others": {"Dy": {"share": 0.005, "usd_per_kg": 300}, "Tb": {"share": 0.0008, "usd_per_kg": 1000}},
        }
    },
}
FLOOR_ON_METAL = {
    "material": "NdPr",
    "start": {"stage": "oxide", "usd_per_kg": 110},
    "to": "metal",
    "steps": {"reduction": {"kg_in": 1.2, "toll": 12}},
}
MOTOR = {
    "material": "NdPr",
    "start": {"stage": "oxide"},
    "change": 15,
    "per_unit": {"kg": 2},
    "steps": {"reduction": {"kg_in": 1.2}, "alloying": {"kg_in": 0.29}, "magnet_making": {"kg_in": 1}},
}
FAIR_METAL = {"material": "NdPr", "start": {"from": "fair"}, "steps": {"made_in": "ex_china"}, "to": "metal"}
CUSTOMS_VALUE = {
    "material": "NdPr",
    "imports": {"oxide": {"basis": "customs value", "amount": 94.73, "reference": 110}},
    "rate": 0.25,
}
CHINESE_OXIDE = {
    "basis": "domestic inc VAT",
    "amount": 744000,
    "currency": "CNY",
    "unit": "t",
    "fx_per_usd": 6.95,
    "vat_refund_share": 0,
}
CHINESE_PRICE = {
    "material": "NdPr",
    "imports": {"oxide": CHINESE_OXIDE},
    "reference": {"stage": "oxide", "usd_per_kg": 110},
    "rate": 0.25,
}
EVERY_STAGE = CHINESE_PRICE | {
    "imports": {"oxide": CHINESE_OXIDE | {"vat_rate": 0.13}},
    "import_steps": {"made_in": "china"},
    "reference_steps": {"made_in": "ex_china"},
}


LADDER_BODY = json_body(
    LADDER_SCHEMA,
    {
        "floor_on_metal": ("A floor on oxide of 110, on metal: ratio 1.20, toll 12", FLOOR_ON_METAL),
        "carbonate": ("What a mixed carbonate is worth and fetches", CARBONATE),
        "motor": ("What 15 USD more on oxide adds to a motor with 2 kg of magnet", MOTOR),
        "fair_metal": ("The fair price of metal made outside China", FAIR_METAL),
    },
)
TARIFF_BODY = json_body(
    TARIFF_SCHEMA,
    {
        "customs_value": ("The tariff that lifts 94.73 to 110, and what 25 % makes of it", CUSTOMS_VALUE),
        "chinese_price": ("From a Chinese price including VAT, none of it refunded", CHINESE_PRICE),
        "every_stage": ("The same at every stage the evidence reaches", EVERY_STAGE),
    },
)
