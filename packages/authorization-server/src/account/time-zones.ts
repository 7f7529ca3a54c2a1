/** A region of the world and its time zones. Its name is the first part of their IANA names, for instance `Europe`. */
export interface TimeZoneRegion {
  readonly name: string;
  readonly zones: readonly { readonly name: string; readonly label: string }[];
}

/** Unicode's data keeps the first name that a time zone ever had. These are the current names. */
const renamed: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

const names = Intl.supportedValuesOf('timeZone')
  .map((name) => renamed[name] ?? name)
  .filter((name) => name.includes('/'))
  .sort();

/** The time zones in which this process can show times, except those whose names have no region, such as UTC. */
export const timeZoneRegions: readonly TimeZoneRegion[] = [
  ...Map.groupBy(names, (name) => name.split('/')[0] ?? ''),
].map(([region, zones]) => ({
  name: region,
  zones: zones.map((name) => ({ name, label: name.slice(region.length + 1).replaceAll('_', ' ') })),
}));

/** The current name of a time zone that a browser names; undefined when it is unknown. */
export function findTimeZone(name: string): string | undefined {
  const current = renamed[name] ?? name;
  return isTimeZone(current) ? current : undefined;
}

export function isTimeZone(name: string): boolean {
  return name === 'UTC' || names.includes(name);
}
