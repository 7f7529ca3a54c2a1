import { type Finding, failedCheck, passedCheck } from '@aipassport/contracts';
import { findDatabaseProblem } from './when-database-answers.js';

/** Converts a failure of the database into the result of a health check. */
export async function checkDatabase(work: () => Promise<unknown>): Promise<Finding> {
  try {
    await work();
    return passedCheck;
  } catch (error) {
    return failedCheck(findDatabaseProblem(error)?.message ?? 'the database refuses what this server asks');
  }
}
