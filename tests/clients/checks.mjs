// Counts checks: prints each, and writes "passed failed" where CHECKS_FILE says.
import { appendFileSync } from "node:fs";
import { isDeepStrictEqual, inspect } from "node:util";

let passed = 0;
let failed = 0;

export function check(what, actual, expected) {
  if (isDeepStrictEqual(actual, expected)) {
    passed++;
    console.log(`  ok    ${what}`);
  } else {
    failed++;
    console.log(`  FAIL  ${what}\n        expected ${inspect(expected, { depth: 6 })}\n        but was  ${inspect(actual, { depth: 6 })}`);
  }
}

export function finish() {
  appendFileSync(process.env.CHECKS_FILE, `${passed} ${failed}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
