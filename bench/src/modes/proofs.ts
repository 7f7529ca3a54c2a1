import {
  type AdmissionCost,
  type AdmissionTrial,
  openAdmissionTrials,
  timeAdmissions,
} from '../measure/time-admissions.js';
import { timeProofs } from '../measure/time-proofs.js';
import type { Options } from '../options.js';
import { describeMachine } from '../report/describe-machine.js';
import { figure, formatTable, range } from '../report/format.js';
import type { Report } from '../report/report.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage } from '../rig/open-stage.js';
import { median } from '../statistics/statistics.js';

const sizes = [1, 16, 64];

/** Measures the cost of DPoP: the check of a proof in the proxy, and its row in the statement of an admission. */
export async function proofs(rig: Rig, options: Options): Promise<Report> {
  const { server, database, subjects } = await openStage(rig, options.grants);
  await openAdmissionTrials(database.db);
  const checks = await timeProofs();
  const rows: string[][] = [];
  for (const size of sizes)
    rows.push(await compare({ db: database.db, databasePid: server.pid, subjects, size }, options.rounds));
  return {
    section: [
      `${await describeMachine(rig, database)} ${options.grants} grants, ${options.rounds} rounds, medians; in brackets, from the least to the most.`,
      formatTable(
        ['check of a proof, CPU µs', 'all but the signature', 'with the signature'],
        checks.map(({ algorithm, deciding, whole }) => [
          algorithm,
          range(deciding, median(deciding), 0),
          range(whole, median(whole), 0),
        ]),
      ),
      formatTable(
        [
          'requests in a statement',
          'µs a request',
          'with proofs',
          'ratio',
          'database CPU µs a request',
          'with proofs',
          'ratio',
        ],
        rows,
      ),
    ].join('\n\n'),
  };
}

/** Each round measures without and with proofs, so that a ratio compares measurements that are seconds apart. */
async function compare(trial: Omit<AdmissionTrial, 'hasProofs'>, rounds: number): Promise<string[]> {
  const [without, withProofs]: AdmissionCost[][] = [[], []];
  for (let round = -1; round < rounds; round += 1) {
    const plain = await timeAdmissions({ ...trial, hasProofs: false });
    const proven = await timeAdmissions({ ...trial, hasProofs: true });
    // the first round warms up
    if (round < 0) continue;
    without?.push(plain);
    withProofs?.push(proven);
  }
  return [
    String(trial.size),
    ...columns(without, withProofs, ({ wall }) => wall),
    ...columns(without, withProofs, ({ databaseCpu }) => databaseCpu ?? Number.NaN),
  ];
}

function columns(
  without: readonly AdmissionCost[] = [],
  withProofs: readonly AdmissionCost[] = [],
  read: (cost: AdmissionCost) => number,
): string[] {
  const [plain, proven] = [without.map(read), withProofs.map(read)];
  const ratios = proven.map((value, index) => value / (plain[index] ?? Number.NaN));
  return [figure(median(plain)), figure(median(proven)), range(ratios, median(ratios), 2)];
}
