import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { version } from "../core/version.js";

/** The files of a new project, by name. */
export function projectFiles(name: string): ReadonlyMap<string, string> {
  return new Map([
    ["package.json", packageJson(name)],
    ["flow.ts", flow],
    ["README.md", readme(name)],
    ["tsconfig.json", tsconfig],
    [".gitignore", gitignore],
  ]);
}

function packageJson(name: string): string {
  const manifest = {
    name,
    version: "1.0.0",
    private: true,
    type: "module",
    scripts: { start: "millrace run flow.ts", check: "millrace check flow.ts && tsc" },
    dependencies: { millrace: millraceDependency() },
    devDependencies: { "@types/node": "^20.19.0", typescript: ">=5.8" },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** This version from the registry; a clone of millrace that is used as it stands is named by its folder. */
function millraceDependency(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("millrace/package.json"));
  return folder.split(sep).includes("node_modules") ? `^${version}` : `file:${folder}`;
}

const flow = `import { FlowSpec, type Inputs, parameter, step } from "millrace";

interface City {
  readonly name: string;
  readonly temperatures: readonly number[];
}

/** Finds the warmest city: fans out over the cities, and joins what was found. */
export default class WeatherFlow extends FlowSpec {
  days = parameter({ default: 7, help: "Days to measure" }); // --days

  cities!: City[];
  name!: string;
  mean!: number;
  warmest!: string;

  @step start() {
    this.cities = ["Oslo", "Lima", "Perth", "Quito"].map((name, place) => ({
      name,
      temperatures: Array.from({ length: this.days }, (_, day) => 10 + 5 * place + Math.sin(day + place)),
    }));
    this.next(this.measure, { foreach: this.cities, label: (city) => city.name });
  }

  @step measure(city: City) {
    this.name = city.name;
    this.mean = city.temperatures.reduce((sum, degrees) => sum + degrees, 0) / city.temperatures.length;
    console.log(\`\${city.name}: \${this.mean.toFixed(1)} degrees\`);
    this.next(this.compare);
  }

  @step compare(inputs: Inputs<this>) {
    const ranked = inputs.map(({ name, mean }) => ({ name, mean })).sort((a, b) => b.mean - a.mean);
    this.warmest = ranked[0]?.name ?? "none";
    this.next(this.end);
  }

  @step end() {
    console.log(\`The warmest city is \${this.warmest}.\`);
  }
}
`;

function readme(name: string): string {
  return `# ${name}

A data pipeline made with [millrace](https://www.npmjs.com/package/millrace).

\`\`\`sh
npm install
npx millrace run flow.ts            # run it
npx millrace run flow.ts --days 30  # with a parameter
npx millrace run flow.ts --help     # all parameters and options
npx millrace show flow.ts           # its graph
npx millrace runs                   # what has run
npx millrace dump WeatherFlow/latest/end   # what the newest run found
\`\`\`

When a run fails, mend \`flow.ts\` and go on from there: \`npx millrace resume flow.ts\`.
Runs are kept in \`.millrace/\`.
`;
}

const tsconfig = `${JSON.stringify(
  {
    compilerOptions: {
      target: "es2022",
      lib: ["es2023", "esnext.decorators", "esnext.disposable"],
      module: "nodenext",
      moduleResolution: "nodenext",
      types: ["node"],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ["**/*.ts"],
  },
  undefined,
  2,
)}
`;

const gitignore = `node_modules/
.millrace/
`;
