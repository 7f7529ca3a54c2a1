import { loadSpecification, type Validator } from '@aipassport/contracts';

/** Validators of the forms on our pages, compiled from `openapi/authorization-server.yaml`. */
export interface Forms {
  readonly accountDeletion: Validator;
  readonly accountToken: Validator;
  readonly activityExport: Validator;
  readonly createAccount: Validator;
  readonly signIn: Validator;
  readonly providerKey: Validator;
  readonly consent: Validator;
  readonly grantLimits: Validator;
  readonly accountLimit: Validator;
  readonly consentDefaults: Validator;
  readonly timeZone: Validator;
  readonly password: Validator;
  readonly stepUp: Validator;
  readonly passkey: Validator;
  readonly keyName: Validator;
  readonly passkeyName: Validator;
  readonly passkeySignIn: Validator;
  readonly forgottenPassword: Validator;
  readonly passwordReset: Validator;
  readonly language: Validator;
  readonly emailChange: Validator;
  readonly resetLink: Validator;
  readonly invitation: Validator;
  readonly operatorAccountCap: Validator;
  readonly operatorAuditExport: Validator;
  readonly operatorCaps: Validator;
  readonly operatorChange: Validator;
  readonly device: Validator;
  readonly developerClient: Validator;
  readonly secretRotation: Validator;
}

export function compileForms(): Forms {
  const { compile } = loadSpecification('authorization-server');
  const form = (name: string) => compile(`/components/schemas/${name}`);
  return {
    accountDeletion: form('AccountDeletionForm'),
    accountToken: form('AccountTokenForm'),
    activityExport: form('ActivityExportForm'),
    createAccount: form('CreateAccountForm'),
    signIn: form('SignInForm'),
    providerKey: form('ProviderKeyForm'),
    consent: form('ConsentForm'),
    grantLimits: form('GrantLimitsForm'),
    accountLimit: form('AccountLimitForm'),
    consentDefaults: form('ConsentDefaultsForm'),
    timeZone: form('TimeZoneForm'),
    password: form('PasswordForm'),
    passkey: form('PasskeyForm'),
    keyName: form('KeyNameForm'),
    passkeyName: form('PasskeyNameForm'),
    passkeySignIn: form('PasskeySignInForm'),
    stepUp: form('StepUpForm'),
    forgottenPassword: form('ForgottenPasswordForm'),
    passwordReset: form('PasswordResetForm'),
    language: form('LanguageForm'),
    emailChange: form('EmailChangeForm'),
    resetLink: form('ResetLinkForm'),
    invitation: form('InvitationForm'),
    operatorAccountCap: form('OperatorAccountCapForm'),
    operatorCaps: form('OperatorCapsForm'),
    operatorAuditExport: form('OperatorAuditExportForm'),
    operatorChange: form('OperatorChangeForm'),
    device: form('DeviceForm'),
    developerClient: form('DeveloperClientForm'),
    secretRotation: form('SecretRotationForm'),
  };
}
