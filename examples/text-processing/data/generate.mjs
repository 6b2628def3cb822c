// Writes the example's sample data: invented posts of two sub-forums, the same on every machine.
//
//   node examples/text-processing/data/generate.mjs [FOLDER]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const forums = {
  sustainability: {
    posts: 1000,
    titles: [
      "How to shop ethically without overspending?",
      "Plastic-free bathrooms: what really works & what doesn't",
      "Is it worth repairing old appliances?",
      "Growing vegetables on a north-facing balcony",
      "Second-hand clothes: which shops do you trust?",
      "Cutting food waste in a family of five",
      "Cycling to work through the winter",
      "Are carbon offsets just greenwashing?",
      "Composting without a garden",
      "Rainwater barrels: sizes, prices & mosquitoes",
    ],
    subjects: [
      "My neighbours",
      "We",
      "The kids",
      "Most supermarkets",
      "Some councils",
      "My parents",
      "The local repair cafés",
      "Our allotments",
      "Those labels",
      "The cheaper brands",
    ],
    verbs: [
      "were saving",
      "have been using",
      "stopped buying",
      "are mending",
      "tried growing",
      "keep recommending",
      "throw away",
      "have saved",
      "were wasting",
      "started sharing",
    ],
    objects: [
      "glass jars",
      "second-hand clothes",
      "broken toasters",
      "wooden brushes",
      "leftover vegetables",
      "reusable bottles",
      "old bicycles",
      "the bigger packages",
      "tomatoes and beans",
      "worn-out batteries",
    ],
  },
  "energy-sources-for-heating": {
    posts: 100,
    titles: [
      "Heat pump or new gas boiler?",
      "Underfloor heating & old radiators together",
      "Is an electric boiler ever cheaper?",
      "Insulation first, heating later",
      "How noisy are air source heat pumps?",
    ],
    subjects: [
      "Our installers",
      "Heat pumps",
      "The old boilers",
      "Two engineers",
      "My tenants",
      "These radiators",
      "The smart meters",
      "Our neighbours",
    ],
    verbs: ["are running", "have replaced", "were measuring", "keep losing", "recommended", "have been heating", "needed", "are comparing"],
    objects: [
      "bigger pipes",
      "the gas bills",
      "thicker walls",
      "three bedrooms",
      "warmer evenings",
      "the hot-water tanks",
      "cheaper tariffs",
      "solar panels",
    ],
  },
};

const whens = [
  "last winter",
  "for two years now",
  "every weekend",
  "since the prices went up",
  "without spending much",
  "after reading the reviews",
  "much more often",
  "against all advice",
];
const opinions = [
  "I wouldn't have believed it, but the bills are lower.",
  "It isn't perfect, though it's better than nothing!",
  "Has anybody else noticed this?",
  "Don't trust the first quote you're given.",
  "That was the best decision we've made.",
  "I'm thinking of doing the same next spring.",
  "Nobody mentions the costs of maintaining it...",
  "It took 3 weeks & 2 phone calls to get it sorted.",
  "You'll find cheaper ones at car boot sales :)",
  "The savings were smaller than the leaflets promised.",
];
const members = ["greenfingers", "thrifty_tom", "MrsMiggins", "solar42", "oldhand", "peat_free_pat"];
const links = ["https://www.example.org/guides/saving?id=42", "http://example.com/forum/thread/1187", "www.example.net/tips"];
const signs = ["😀", "🌱", "🔥", "🚲"];

/** A small seeded generator of numbers from 0 up to 1 (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function makeForum({ posts, titles, subjects, verbs, objects }, seed) {
  const random = randomNumbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const statement = () => `${pick(subjects)} ${pick(verbs)} ${pick(objects)} ${pick(whens)}.`;

  return Array.from({ length: posts }, (_, index) => {
    // A thread's posts stand together, as a forum lists them.
    const title = titles[Math.floor((index * titles.length) / posts)];
    const parts = [];
    if (random() < 0.25) parts.push(`${pick(members)} wrote: » ${statement()}\n`);
    const statements = 1 + Math.floor(random() * 3);
    for (let i = 0; i < statements; i++) parts.push(statement());
    parts.push(pick(opinions));
    if (random() < 0.2) parts.push(`See ${pick(links)}`);
    if (random() < 0.2) parts.push(`Prices &amp; photos => ask me`);
    if (random() < 0.15) parts.push(pick(signs));
    return { title, text: parts.join(" ").replaceAll("\n ", "\n") };
  });
}

const quote = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const folder = process.argv[2] ?? import.meta.dirname;
mkdirSync(folder, { recursive: true });
for (const [index, [name, forum]] of Object.entries(forums).entries()) {
  const lines = makeForum(forum, index + 1).map(({ title, text }) => `${quote(title)},${quote(text)}`);
  writeFileSync(join(folder, `${name}.csv`), ["title,text", ...lines, ""].join("\n"));
}
