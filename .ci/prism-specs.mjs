// Makes the vendors' OpenAPI files ready for Prism: HubSpot's, repaired already, become one file, so that one process can
// check them all; and every specification gets a list of its operations.
// Usage: node prism-specs.mjs OUT_DIR NAME=FILE… for lists, OUT_DIR hubspot FILE… to join.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [, , out, ...given] = process.argv;
const yaml = createRequire(`${out}/package.json`)("js-yaml");
const load = (file) => (file.endsWith(".json") ? JSON.parse(readFileSync(file, "utf8")) : yaml.load(readFileSync(file, "utf8")));
const VERBS = ["get", "put", "post", "patch", "delete"];
const shape = (path) => path.replace(/\{[^}]*\}/g, "{}");

function join(files) {
  const all = { openapi: "3.0.1", info: { title: "HubSpot", version: "1" }, paths: {}, components: {} };
  for (const [number, file] of files.entries()) {
    // Names of components are only unique within a file.
    const text = readFileSync(file, "utf8").replace(/#\/components\/(\w+)\/([^"]+)"/g, `#/components/$1/f${number}_$2"`);
    const spec = JSON.parse(text);
    for (const [path, item] of Object.entries(spec.paths)) {
      const same = Object.keys(all.paths).find((other) => shape(other) === shape(path));
      if (!same) all.paths[path] = item;
    }
    for (const [section, components] of Object.entries(spec.components ?? {})) {
      all.components[section] ??= {};
      for (const [name, component] of Object.entries(components)) {
        // Security requirements name their schemes without a reference.
        all.components[section][section === "securitySchemes" ? name : `f${number}_${name}`] = component;
      }
    }
  }
  return all;
}

const specs = new Map();
const files = given.filter((argument) => !argument.includes("="));
specs.set("hubspot", join(files));
writeFileSync(`${out}/hubspot.json`, JSON.stringify(specs.get("hubspot")));
for (const pair of given.filter((argument) => argument.includes("="))) {
  const [name, file] = pair.split("=");
  specs.set(name, load(file));
}
for (const [name, spec] of specs) {
  const operations = Object.entries(spec.paths).flatMap(([path, item]) =>
    VERBS.filter((verb) => item[verb]).map((verb) => [verb, path]));
  writeFileSync(`${out}/${name}-operations.json`, JSON.stringify(operations));
}
