import { ConfigurationError, type EnvironmentSource, type SecretFiles } from '@aipassport/contracts';
import {
  type ClientRegistration,
  type Configuration,
  readClientRegistration,
  readIdentityProviders,
} from './configuration.js';
import { environment } from './environment.js';
import type { IdentityProvider } from './identity/parse-identity-providers.js';
import { type MailConfiguration, readMailConfiguration } from './mail/mail-configuration.js';

/**
 * SECRET: secrets that others issue or the operator chooses. Each function returns the value in force, and keeps the one
 * that was read last while its file cannot be read.
 */
export interface RotatedSecrets {
  readonly readIdentityProviders: () => readonly IdentityProvider[];
  readonly readClientRegistration: () => ClientRegistration;
  readonly readMail: () => MailConfiguration;
  /** The variables whose files cannot be read as they are now. */
  readonly listUnreadable: () => readonly string[];
}

export function locateRotatedSecrets(source: EnvironmentSource, secretFiles: SecretFiles): RotatedSecrets {
  const values = environment.read(source);
  return {
    readIdentityProviders: secretFiles.follow('IDENTITY_PROVIDERS_FILE', () =>
      readIdentityProviders(source, values.IDENTITY_PROVIDERS_FILE),
    ),
    readClientRegistration: secretFiles.follow('REGISTRATION_TOKEN_FILE', () =>
      readClientRegistration({ ...values, REGISTRATION_TOKEN: environment.readOne(source, 'REGISTRATION_TOKEN') }),
    ),
    readMail: secretFiles.follow('SMTP_URL_FILE', () => {
      const server = environment.readOne(source, 'SMTP_URL');
      // whether e-mails are sent is decided at the start
      if (server === undefined && values.SMTP_URL !== undefined)
        throw new ConfigurationError('configuration: SMTP_URL_FILE: the file is empty');
      return readMailConfiguration({ ...values, SMTP_URL: server });
    }),
    listUnreadable: () => secretFiles.listUnreadable(),
  };
}

/** For a server whose secrets are in no file. */
export function keepSecrets({ identityProviders, clientRegistration, mail }: Configuration): RotatedSecrets {
  return {
    readIdentityProviders: () => identityProviders,
    readClientRegistration: () => clientRegistration,
    readMail: () => mail,
    listUnreadable: () => [],
  };
}
