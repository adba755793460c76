// Says what Prism saw; fails on complaints that nobody explained, and when nothing came by.
import { readFileSync } from "node:fs";

const { nulls, operations, complaints, unused } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const calls = operations.reduce((sum, [, count]) => sum + count, 0);
const unexplained = complaints.filter((entry) => !entry.known);
for (const [operation, count] of operations) console.log(`${String(count).padStart(7)}  ${operation}`);
for (const entry of complaints.filter((entry) => entry.known)) console.log(`known (${entry.count}): ${entry.key}\n    ${entry.known}`);
for (const rule of unused) console.log(`no longer seen: ${rule.operation} ${rule.complaint}`);
for (const entry of unexplained) console.log(`VIOLATION (${entry.count}): ${entry.key}\n    ${entry.example}`);
if (nulls) console.log(`${nulls} nulls were left out of what Prism saw: both vendors send them where nothing is set, and the specifications forget them`);
console.log(`${operations.length} operations exercised in ${calls} calls, ${unexplained.length} unexplained complaints`);
process.exit(unexplained.length || !calls ? 1 : 0);
