import { compare } from './modes/compare.js';
import { growth } from './modes/growth.js';
import { profile } from './modes/profile.js';
import { proofs } from './modes/proofs.js';
import { replicas } from './modes/replicas.js';
import { revocation } from './modes/revocation.js';
import { soak } from './modes/soak.js';
import { streams } from './modes/streams.js';
import { help, type Mode, type Options, readOptions } from './options.js';
import type { Report } from './report/report.js';
import { writeReport } from './report/write-report.js';
import { type Rig, withRig } from './rig/open-rig.js';

const runs: Readonly<Record<Mode, (rig: Rig, options: Options) => Promise<Report>>> = {
  compare,
  revocation,
  streams,
  soak,
  growth,
  replicas,
  profile,
  proofs,
};

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.error(help);
    process.exitCode = 2;
    return;
  }
  const report = await withRig((rig) => runs[options.mode](rig, options));
  console.log(report.section);
  if (options.write) writeReport(options.mode, report);
}

await main();
