import { activity } from './de/activity.js';
import { apps } from './de/apps.js';
import { authenticator } from './de/authenticator.js';
import { clients } from './de/clients.js';
import { common } from './de/common.js';
import { connected } from './de/connected.js';
import { consent } from './de/consent.js';
import { developers } from './de/developers.js';
import { device } from './de/device.js';
import { email } from './de/email.js';
import { ended } from './de/ended.js';
import { errors } from './de/errors.js';
import { events } from './de/events.js';
import { existing } from './de/existing.js';
import { help } from './de/help.js';
import { identity } from './de/identity.js';
import { invitations } from './de/invitations.js';
import { keys } from './de/keys.js';
import { limits } from './de/limits.js';
import { mail } from './de/mail.js';
import { operator } from './de/operator.js';
import { overview } from './de/overview.js';
import { ownData } from './de/own-data.js';
import { passkeys } from './de/passkeys.js';
import { password } from './de/password.js';
import { permissions } from './de/permissions.js';
import { playground } from './de/playground.js';
import { recovery } from './de/recovery.js';
import { requestKeys } from './de/request-keys.js';
import { security } from './de/security.js';
import { sessions } from './de/sessions.js';
import { settings } from './de/settings.js';
import { signIn } from './de/sign-in.js';
import { signOut } from './de/sign-out.js';
import { spending } from './de/spending.js';
import { summary } from './de/summary.js';
import { tokens } from './de/tokens.js';
import type { en } from './en.js';

/** All German texts. If a text is missing, this does not compile. */
export const de = {
  ...activity,
  ...apps,
  ...clients,
  ...authenticator,
  ...common,
  ...connected,
  ...consent,
  ...developers,
  ...device,
  ...email,
  ...ended,
  ...errors,
  ...events,
  ...existing,
  ...help,
  ...identity,
  ...invitations,
  ...keys,
  ...limits,
  ...mail,
  ...operator,
  ...overview,
  ...ownData,
  ...passkeys,
  ...password,
  ...permissions,
  ...playground,
  ...recovery,
  ...requestKeys,
  ...security,
  ...sessions,
  ...settings,
  ...signIn,
  ...signOut,
  ...spending,
  ...summary,
  ...tokens,
} as const satisfies Record<keyof typeof en, string>;
