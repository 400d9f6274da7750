// Reads one test runner's report (CTRF):  test-report.mjs REPORT EXIT_CODE LOG
// Prints "PASSED FAILED " and, behind it, what a person reads: one line, and the failures.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const [report, exitCode, log] = process.argv.slice(2);
const name = basename(report, '.json');

function counted() {
  if (!existsSync(report)) {
    return null;
  }
  try {
    return JSON.parse(readFileSync(report, 'utf8')).results;
  } catch {
    // Cut off: the runner died while it wrote.
    return null;
  }
}

const results = counted();
if (results === null) {
  const lastLines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-40).join('\n');
  console.log(`0 1   ${name}: the test runner ended with exit code ${exitCode} and left no report.\n${lastLines}`);
  process.exit();
}

const { passed, failed, skipped, start, stop } = results.summary;
// No test failed, and yet the runner did: something outside the tests, such as the clean-up of a fixture.
const outside = failed === 0 && exitCode !== '0' && passed + skipped > 0 ? 1 : 0;
const lines = [`  ${name}: ${passed} passed, ${failed + outside} failed${skipped ? `, ${skipped} skipped` : ''}`];
for (const test of results.tests.filter((test) => test.status === 'failed')) {
  lines.push('', `  FAILED ${test.name}`, indent(test.message), indent(ownFrames(test.trace)));
}
// A test that cannot run here says why; nobody should take it for passed.
for (const test of results.tests.filter((test) => test.status === 'skipped' && test.message)) {
  lines.push(`  SKIPPED ${test.name}: ${test.message}`);
}
if (outside) {
  lines.push(`  The test runner ended with exit code ${exitCode}; the last of what it said:`, readFileSync(log, 'utf8').trimEnd().split('\n').slice(-30).join('\n'));
}
console.log(`${passed} ${failed + outside} ${lines.join('\n')}`);

// Down to the last line that is ours; below it is the framework that called the test.
function ownFrames(trace) {
  const frames = (trace ?? '').split('\n');
  const last = frames.findLastIndex((frame) => frame.includes('ComputeShare.'));
  return frames.slice(0, last + 1).join('\n');
}

function indent(text) {
  return (text ?? '').split('\n').map((line) => `    ${line}`).join('\n');
}
