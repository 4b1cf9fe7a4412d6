"""Made-up names for companies and people."""

FIRST = (
    "Ada", "Amir", "Anna", "Bao", "Björn", "Carla", "Chen", "Chloe", "Daniel", "Diego", "Elena", "Emeka", "Emma", "Farah", "Felix",
    "Grace", "Hana", "Hugo", "Ines", "Isaac", "Jana", "Jonas", "Kai", "Kofi", "Lars", "Leila", "Lena", "Liam", "Lucia", "Mara",
    "Marco", "Mei", "Miguel", "Mina", "Nadia", "Noah", "Nora", "Olga", "Omar", "Paula", "Pedro", "Priya", "Rafael", "Rosa", "Sam",
    "Sara", "Sofia", "Tariq", "Tess", "Theo", "Uma", "Vera", "Viktor", "Wen", "Yara", "Yusuf", "Zoe",
)  # fmt: skip
LAST = (
    "Adeyemi", "Alvarez", "Bauer", "Bianchi", "Brandt", "Carter", "Castillo", "Dubois", "Eriksen", "Ferrari", "Fischer", "Garcia",
    "Haddad", "Hansen", "Hoang", "Ito", "Jansen", "Kaya", "Keller", "Khan", "Kim", "Kowalski", "Larsson", "Lefevre", "Lopez",
    "Martin", "Meyer", "Moreau", "Mwangi", "Nakamura", "Nguyen", "Novak", "Okafor", "Olsen", "Park", "Patel", "Pereira", "Petrov",
    "Quinn", "Reyes", "Rossi", "Santos", "Sato", "Schmidt", "Silva", "Singh", "Suzuki", "Tanaka", "Torres", "Vogel", "Walker",
    "Weber", "Wright", "Yilmaz", "Zhang",
)  # fmt: skip
COMPANY = (
    "Alder", "Amber", "Arbor", "Atlas", "Aurora", "Basalt", "Beacon", "Birch", "Bluewater", "Brook", "Canyon", "Cedar", "Citrine",
    "Cobalt", "Compass", "Copper", "Coral", "Crescent", "Delta", "Ember", "Falcon", "Fern", "Fjord", "Flint", "Garnet", "Glacier",
    "Granite", "Harbor", "Hazel", "Heron", "Horizon", "Indigo", "Iris", "Ivory", "Juniper", "Kestrel", "Lantern", "Larch", "Linden",
    "Lotus", "Maple", "Meridian", "Mistral", "Moss", "Nimbus", "North", "Oak", "Onyx", "Opal", "Orchard", "Osprey", "Pebble", "Pine",
    "Prairie", "Quartz", "Quill", "Raven", "Reef", "Ridge", "River", "Rowan", "Saffron", "Sage", "Sequoia", "Silver", "Slate",
    "Solstice", "Spruce", "Summit", "Tamarack", "Teal", "Thistle", "Tidal", "Umber", "Vale", "Vertex", "Violet", "Walnut", "Willow",
    "Zephyr",
)  # fmt: skip
BUSINESS = {
    "logistics": ("Logistics", "Freight", "Carriers"),
    "retail": ("Retail", "Stores", "Goods"),
    "finance": ("Capital", "Insurance", "Payments"),
    "health": ("Health", "Clinics", "Care"),
    "software": ("Software", "Systems", "Labs"),
    "manufacturing": ("Works", "Industries", "Components"),
    "hospitality": ("Hotels", "Dining", "Travel"),
    "education": ("Academy", "Learning", "Institute"),
}
