/** One result of `doctor`. */
export interface Finding {
  readonly ok: boolean;
  /** Nothing is known to be wrong, but the operator should look at it. */
  readonly isWarning?: boolean;
  readonly text: string;
}

/** Reports a check that this command cannot make, because it was not given these variables of the servers. */
export function skip(what: string, variables: readonly string[], advice = settingsAdvice): Finding {
  const verb = variables.length === 1 ? 'is' : 'are';
  return {
    ok: true,
    isWarning: true,
    text: `${what}: not checked, since ${variables.join(' and ')} ${verb} not set: ${advice}`,
  };
}

const settingsAdvice = 'give this command the settings of the server';
