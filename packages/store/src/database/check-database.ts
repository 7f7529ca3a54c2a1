import { type Finding, failing, well } from '@aipassport/contracts';
import { findDatabaseProblem } from './when-database-answers.js';

/** Converts a failure of the database into the result of a health check. */
export async function checkDatabase(work: () => Promise<unknown>): Promise<Finding> {
  try {
    await work();
    return well;
  } catch (error) {
    return failing(findDatabaseProblem(error)?.message ?? 'the database refuses what this server asks');
  }
}
