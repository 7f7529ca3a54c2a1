import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One function of a CPU profile, as V8 writes it. */
interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** When the profile begins, in microseconds: see `readClock`, whose clock V8 also uses. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The time that was spent in one function itself, and the code that it belongs to. */
export interface OwnTime {
  readonly functionName: string;
  /**
   * The URL of the code. A native function of V8 has no URL, so it gets the URL of its nearest caller that has one.
   */
  readonly url: string;
  readonly microseconds: number;
}

/** Reads the only profile in a directory. Counts only samples between the two times, which are from `readClock`. */
export function readProfile(directory: string, fromMilliseconds: number, toMilliseconds: number): readonly OwnTime[] {
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error('the proxy has left no profile');
  const profile = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as CpuProfile;
  const owners = findOwners(profile.nodes);
  const times = new Map<string, OwnTime>();
  let now = profile.startTime;
  profile.samples.forEach((id, index) => {
    const delta = profile.timeDeltas[index] ?? 0;
    now += delta;
    const owner = owners.get(id);
    if (owner === undefined || now < fromMilliseconds * 1000 || now > toMilliseconds * 1000) return;
    const key = `${owner.functionName} ${owner.url}`;
    times.set(key, { ...owner, microseconds: (times.get(key)?.microseconds ?? 0) + delta });
  });
  return [...times.values()].toSorted((a, b) => b.microseconds - a.microseconds);
}

function findOwners(nodes: readonly ProfileNode[]): ReadonlyMap<number, Omit<OwnTime, 'microseconds'>> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owners = new Map<number, Omit<OwnTime, 'microseconds'>>();
  const visit = (id: number, callerUrl: string) => {
    const node = byId.get(id);
    if (node === undefined) return;
    const { functionName, url } = node.callFrame;
    const ownUrl = url === '' ? callerUrl : url;
    owners.set(id, { functionName: functionName === '' ? '(anonymous)' : functionName, url: ownUrl });
    for (const child of node.children ?? []) visit(child, ownUrl);
  };
  const [root] = nodes;
  if (root !== undefined) visit(root.id, '');
  return owners;
}
