import type { SessionDevice } from '@aipassport/store/authorization';
import Bowser from 'bowser';

/** No browser that we know sends a longer header, so a longer one is not parsed. */
const maxUserAgentLength = 512;

const browsers: readonly string[] = Object.values(Bowser.BROWSER_MAP);
const systems: readonly string[] = Object.values(Bowser.OS_MAP);

/**
 * The browser and the system of a User-Agent header, as short names such as `Firefox` and `Windows`. Only names from a
 * fixed list are returned. No other part of the header is stored or shown.
 */
export function describeDevice(userAgent: string): SessionDevice {
  if (userAgent === '' || userAgent.length > maxUserAgentLength) return { browser: undefined, system: undefined };
  const { browser, os } = Bowser.parse(userAgent);
  return { browser: pick(browsers, browser.name), system: pick(systems, os.name) };
}

function pick(known: readonly string[], name: string | undefined): string | undefined {
  return name !== undefined && known.includes(name) ? name : undefined;
}
