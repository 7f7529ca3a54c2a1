import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { decideSigningStep } from '../keys/decide-signing-step.js';
import { listDescribedFiles } from '../keys/describe-keys.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { readSigningKeys, type SigningKeyKind, signingKeyKinds } from '../keys/rotate-signing-key.js';
import type { CommandContext } from './context.js';
import type { Finding } from './finding.js';

const dayMilliseconds = 86_400_000;
/** Keys should be rotated once a year. */
const mostDays = 400;
/**
 * The variables that name the files with a deployment's keys and secrets. When none is set, these files are in the
 * data directory.
 */
export const keyFileVariables = [
  'SIGNING_KEYS_FILE',
  'ID_TOKEN_KEYS_FILE',
  'COOKIE_KEYS_FILE',
  'AUDIT_KEYS_FILE',
  'SEALING_PUBLIC_KEY_FILE',
  'SEALING_PRIVATE_KEY_FILE',
  'PROXY_CLIENT_SECRET_FILE',
  'DATABASE_URL_FILE',
] as const;

/** The key files that variables name. @param variables this process's environment */
export function listDeployedFiles(variables: CommandContext['variables']): readonly string[] {
  return keyFileVariables.flatMap((name) => variables[name] ?? []);
}

/** Checks who can read the key files, the age of the keys, and that no rotation was left unfinished. */
export function examineKeys({ environment, variables, now }: CommandContext): readonly Finding[] {
  const deployed = listDeployedFiles(variables);
  const ofData = locateKeyFiles(path.resolve(environment.AIPASSPORT_DATA, 'keys'));
  const isDeployed = deployed.length > 0;
  const files = isDeployed ? deployed : listDescribedFiles(ofData).map(({ file }) => file);
  const { signingKeys, idTokenKeys } = ofData.authorizationServer;
  return [
    ...files.flatMap((file) => examineFile(file, now())),
    ...examineRotation(isDeployed ? variables['SIGNING_KEYS_FILE'] : signingKeys, signingKeyKinds.access, now()),
    ...examineRotation(isDeployed ? variables['ID_TOKEN_KEYS_FILE'] : idTokenKeys, signingKeyKinds.id, now()),
  ];
}

function examineFile(file: string, now: Date): readonly Finding[] {
  const mode = examineMode(file);
  const days = existsSync(file) ? Math.floor((now.getTime() - statSync(file).mtimeMs) / dayMilliseconds) : 0;
  if (days <= mostDays) return [mode];
  return [
    mode,
    { ok: false, text: `${file}: was not changed for ${days} days: see docs/operations.md, Rotating keys` },
  ];
}

/** Checks that other users have no access to a file or a directory. */
export function examineMode(file: string): Finding {
  if (!existsSync(file))
    return {
      ok: false,
      text: `${file}: is missing; restore it from a backup, or make it with \`aipassport keys init\``,
    };
  const { mode, uid, gid } = statSync(file);
  const groups = [...(process.getgroups?.() ?? []), process.getgid?.() ?? -1];
  return describeAccess(file, { mode: mode & 0o777, uid, gid }, { uid: process.getuid?.() ?? -1, groups });
}

interface Access {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

interface Reader {
  readonly uid: number;
  readonly groups: readonly number[];
}

/**
 * Kubernetes gives the files of a Secret to root and to the group of `fsGroup`, with mode 0440: the server can read
 * them only as a member of that group. So a group may read a file of another user, if the reader is in that group.
 */
export function describeAccess(file: string, { mode, uid, gid }: Access, reader: Reader): Finding {
  const text = `${file}: mode ${mode.toString(8)}`;
  if ((mode & 0o077) === 0) return { ok: true, text };
  const isReadByGroup = uid !== reader.uid && reader.groups.includes(gid);
  if (isReadByGroup && (mode & 0o037) === 0)
    return { ok: true, text: `${text}, of another user; this program reads it as a member of group ${gid}` };
  return { ok: false, text: `${text}, so others can read it: run \`chmod ${isReadByGroup ? 'g=r,o=' : 'go='}\` on it` };
}

/** Reports a rotation whose next step has been due for a day or longer: that step was probably forgotten. */
function examineRotation(file: string | undefined, kind: SigningKeyKind, now: Date): readonly Finding[] {
  if (file === undefined || !existsSync(file)) return [];
  try {
    const { step } = decideSigningStep(readSigningKeys(file, kind), new Date(now.getTime() - dayMilliseconds));
    if (step === 'publish' || step === 'wait') return [];
    return [
      {
        ok: false,
        text: `${file}: a rotation was not continued for a day: run \`aipassport rotate-signing-key\` again until it is complete`,
      },
    ];
  } catch (error) {
    return [{ ok: false, text: error instanceof Error ? error.message : String(error) }];
  }
}
