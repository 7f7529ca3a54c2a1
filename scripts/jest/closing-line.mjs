// The last line of every run, alone on its line: `N passed, N failed, N skipped`.
// A test file that could not be run at all counts as one failure.
import { printClosingLine } from '../closing-line.mjs';

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const counts = { passed: results.numPassedTests, failed, skipped };
    // jest's own summary comes after every reporter: whoever started us prints the line (scripts/test.mjs), or our end
    if (process.send) process.send(counts);
    else process.once('exit', () => printClosingLine(counts));
  }
}
