// The program of a package's integration tests, as cargo told of it. Usage: node prism-program.mjs MESSAGES CARGO_TOML
import { readFileSync } from "node:fs";

const [messages, manifest] = process.argv.slice(2);
const artifacts = readFileSync(messages, "utf8").trim().split("\n").map((line) => JSON.parse(line));
const program = artifacts.find(
    ({ executable, manifest_path, target }) => executable && manifest_path === manifest && target.name === "it",
);
if (!program) throw new Error(`cargo built no integration tests of ${manifest}`);
console.log(program.executable);
