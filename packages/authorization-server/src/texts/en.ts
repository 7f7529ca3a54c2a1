import { activity } from './en/activity.js';
import { apps } from './en/apps.js';
import { authenticator } from './en/authenticator.js';
import { clients } from './en/clients.js';
import { common } from './en/common.js';
import { connected } from './en/connected.js';
import { consent } from './en/consent.js';
import { developers } from './en/developers.js';
import { device } from './en/device.js';
import { email } from './en/email.js';
import { ended } from './en/ended.js';
import { errors } from './en/errors.js';
import { events } from './en/events.js';
import { existing } from './en/existing.js';
import { help } from './en/help.js';
import { identity } from './en/identity.js';
import { invitations } from './en/invitations.js';
import { keys } from './en/keys.js';
import { limits } from './en/limits.js';
import { mail } from './en/mail.js';
import { operator } from './en/operator.js';
import { overview } from './en/overview.js';
import { ownData } from './en/own-data.js';
import { passkeys } from './en/passkeys.js';
import { password } from './en/password.js';
import { permissions } from './en/permissions.js';
import { playground } from './en/playground.js';
import { recovery } from './en/recovery.js';
import { requestKeys } from './en/request-keys.js';
import { security } from './en/security.js';
import { sessions } from './en/sessions.js';
import { settings } from './en/settings.js';
import { signIn } from './en/sign-in.js';
import { signOut } from './en/sign-out.js';
import { spending } from './en/spending.js';
import { summary } from './en/summary.js';
import { tokens } from './en/tokens.js';

/** All English texts. Each file holds the texts of one page or subject. An identifier begins with the file's name. */
export const en = {
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
} as const;
