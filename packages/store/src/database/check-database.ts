import { type Finding, failing, well } from '@aipassport/contracts';
import { findDatabaseProblem } from './when-database-answers.js';

/** Turns work with the database that fails into what a server's health says of it. */
export async function checkDatabase(work: () => Promise<unknown>): Promise<Finding> {
  try {
    await work();
    return well;
  } catch (error) {
    return failing(findDatabaseProblem(error)?.message ?? 'the database refuses what this server asks');
  }
}
