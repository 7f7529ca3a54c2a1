import {
  baseUrl,
  databaseUrl,
  filePath,
  integer,
  objectPrefix,
  oneOf,
  optional,
  port,
  required,
  secret,
  text,
  withDefault,
} from './variable.js';

/** The settings that the authorization server and the resource proxy share. */
export const serverVariables = {
  NODE_ENV: withDefault(text, 'production', { description: 'The mode of Node.js and of its libraries.' }),
  HOST: withDefault(text, '127.0.0.1', { description: 'The IP address or host name to listen on.' }),
  TRUSTED_PROXY_HOPS: withDefault(integer(0, 10), '0', {
    description: 'The number of your reverse proxies in front of this server that append to `X-Forwarded-For`.',
  }),
  LOG_LEVEL: withDefault(oneOf(['debug', 'info', 'warn', 'error']), 'info', {
    description: 'The lowest severity of the log lines that are written.',
  }),
  METRICS_PORT: optional(port, {
    description:
      'The port on which this server offers its metrics to Prometheus, at `/metrics`. If it is not set, there are no metrics. The port asks for no credentials, so let only your monitoring reach it.',
  }),
  METRICS_HOST: withDefault(text, '127.0.0.1', {
    description: 'The IP address or host name to listen on for `METRICS_PORT`.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(baseUrl({ internal: true }), {
    description:
      'The URL of an OpenTelemetry collector. This server sends traces to `/v1/traces` below it, by OTLP over HTTP with JSON. If it is not set, no traces are sent.',
  }),
  MAX_HEAP_MB: optional(integer(64, 65_536), {
    description:
      'The maximum size of the JavaScript heap, in megabytes. By default the server calculates it from the memory limit of its container.',
  }),
  DATABASE_URL: required(databaseUrl, {
    description:
      'The PostgreSQL database that both servers share. Its file is read again for the password of each new connection. See docs/operations.md for several hosts, `sslmode` and connection poolers.',
  }),
  RESTORE_MARK_FILE: optional(filePath, {
    description:
      'A file outside of the database. Every five seconds, this server notes in it how recent the data in the database are. If the database is replaced by an older backup, the server notices it, and refuses every request until `aipassport restored` has run. The directory must exist, and this server must be able to write there.',
  }),
  JOURNAL_DIRECTORY: optional(filePath, {
    description:
      'A directory outside of the database in which the authorization server writes the journal: changes that a restored backup lacks and that must not be lost. `aipassport restored --journal` reads it. Set it for both servers, to the same directory: they notice a restore as with `RESTORE_MARK_FILE`, which is then not needed, and refuse every request if the journal was not written for a minute. The directory must exist, and both servers must be able to write there. The authorization server needs `AUDIT_KEYS_FILE` too.',
  }),
  JOURNAL_BUCKET_URL: optional(baseUrl({ internal: true }), {
    description:
      'Instead of `JOURNAL_DIRECTORY`: the URL of a bucket of a store with the API of Amazon S3, in which the journal is written. The name of the bucket is in the host (`https://my-bucket.s3.eu-central-1.amazonaws.com`) or in the path (`https://minio.example.com/my-bucket`). The store must know conditional writes (`If-None-Match`).',
  }),
  JOURNAL_BUCKET_REGION: withDefault(text, 'us-east-1', {
    description: 'The region of the bucket of `JOURNAL_BUCKET_URL`, with which requests are signed.',
  }),
  JOURNAL_BUCKET_PREFIX: optional(objectPrefix, {
    description: 'The names of all objects of the journal begin with this text, for instance `aipassport/`.',
  }),
  JOURNAL_BUCKET_ACCESS_KEY_ID: optional(secret, {
    description:
      'The id of the access key with which requests to the bucket are signed. Its file is read again when it changes.',
  }),
  JOURNAL_BUCKET_SECRET_ACCESS_KEY: optional(secret, {
    description:
      'The secret of the access key with which requests to the bucket are signed. Its file is read again when it changes.',
  }),
  UNREADY_SECONDS: withDefault(integer(0, 600), '5', {
    description:
      'When this server is told to stop, it still accepts requests for this many seconds, while `/health/ready` reports that it is not ready. Your load balancers must notice that within this time. Set 0 if there is no load balancer.',
  }),
};
