#!/usr/bin/env node

// Checked before anything else is loaded: an older Node fails on what is imported, with a stack trace.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)) {
  const { runProgram } = await import('./program.ts');
  await runProgram();
} else {
  process.stderr.write(
    `box-events: needs Node 22.21, 24.5 or later, and this is ${process.versions.node}.\n`,
  );
  process.exitCode = 1;
}
