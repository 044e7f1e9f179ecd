#!/usr/bin/env node

// Checked before anything else is loaded: an older Node fails on what is imported, with a stack trace.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 19)) {
  const { runProgram } = await import('./program.ts');
  await runProgram();
} else {
  process.stderr.write(`box-events: needs Node 22.19 or later, and this is ${process.versions.node}.\n`);
  process.exitCode = 1;
}
