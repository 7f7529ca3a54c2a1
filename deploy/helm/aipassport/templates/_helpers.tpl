{{- define "aipassport.labels" -}}
app.kubernetes.io/name: aipassport
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The labels that select the pods of one component: (list . "resource-proxy") */}}
{{- define "aipassport.selector" -}}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "aipassport.image" -}}
{{- $image := index . 1 -}}
{{ $image.repository }}:{{ $image.tag | default (index . 0).Chart.AppVersion }}
{{- end }}

{{- define "aipassport.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* fsGroup lets the user of the image read the mounted secrets */}}
{{- define "aipassport.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Environment variables from a map of settings. */}}
{{- define "aipassport.environment" -}}
{{- range $name, $value := . }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}

{{/* The certificate of CloudNativePG's authority, to verify PostgreSQL. Its private key is not mounted. */}}
{{- define "aipassport.databaseAuthority" -}}
{{- if .Values.database.cloudNativePG.enabled -}}
- name: database-ca
  secret:
    secretName: {{ .Release.Name }}-database-ca
    defaultMode: 0440
    items: [{ key: ca.crt, path: ca.crt }]
{{- end }}
{{- end }}

{{- define "aipassport.databaseAuthorityMount" -}}
{{- if .Values.database.cloudNativePG.enabled -}}
- { name: database-ca, mountPath: /database-ca, readOnly: true }
{{- end }}
{{- end }}

{{/* The mounts of a server and of the job that examines it. The arguments are those of aipassport.server */}}
{{- define "aipassport.serverMounts" -}}
- { name: tmp, mountPath: /tmp }
{{- range .secrets }}
- { name: {{ . }}, mountPath: /secrets/{{ . }}, readOnly: true }
{{- end }}
{{- include "aipassport.databaseAuthorityMount" .root | nindent 0 }}
{{- if .root.Values.journal.claimName }}
- { name: journal, mountPath: /journal }
{{- end }}
{{- if .values.secretFiles.secretName }}
- { name: secret-files, mountPath: /secret-files, readOnly: true }
{{- end }}
{{- end }}

{{- define "aipassport.serverVolumes" -}}
- { name: tmp, emptyDir: { sizeLimit: 256Mi } }
{{- range .secrets }}
- { name: {{ . }}, secret: { secretName: {{ $.root.Release.Name }}-{{ . }}, defaultMode: 0440 } }
{{- end }}
{{- include "aipassport.databaseAuthority" .root | nindent 0 }}
{{- with .root.Values.journal.claimName }}
- { name: journal, persistentVolumeClaim: { claimName: {{ . }} } }
{{- end }}
{{- if .values.secretFiles.secretName }}
- { name: secret-files, secret: { secretName: {{ .values.secretFiles.secretName }}, defaultMode: 0440 } }
{{- end }}
{{- end }}

{{/* One server: (dict "root" . "component" "resource-proxy" "values" .Values.resourceProxy "image" ... "port" 4100 "settings" (dict ...) "secrets" (list ...)) */}}
{{- define "aipassport.server" -}}
{{- $root := .root -}}
{{- $name := printf "%s-%s" $root.Release.Name .component -}}
{{- $files := .values.secretFiles -}}
{{- $settings := merge (dict) .values.settings $root.Values.settings .settings (dict
  "ISSUER" $root.Values.issuer
  "RESOURCE_PROXY_URL" $root.Values.resourceProxyUrl
  "PORT" (toString .port)
  "METRICS_PORT" "9464"
  "METRICS_HOST" "0.0.0.0"
  "TRUSTED_PROXY_HOPS" (toString $root.Values.trustedProxyHops)
  "UNREADY_SECONDS" (toString .values.unreadySeconds)
) -}}
{{- range $setting, $file := $files.settings }}
{{- $_ := set $settings $setting (printf "/secret-files/%s" $file) }}
{{- end }}
{{- $claim := $root.Values.journal.claimName }}
{{- if and (or $settings.JOURNAL_DIRECTORY $settings.RESTORE_MARK_FILE) (not $claim) }}
{{- fail "JOURNAL_DIRECTORY and RESTORE_MARK_FILE need a volume that outlives the pods: name its claim in journal.claimName" }}
{{- end }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels: {{- include "aipassport.labels" $root | nindent 4 }}
spec:
  selector:
    matchLabels: {{- include "aipassport.selector" (list $root .component) | nindent 6 }}
  # a new server is ready before an old one ends
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  template:
    metadata:
      labels:
        {{- include "aipassport.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
      securityContext: {{- include "aipassport.podSecurity" $root | nindent 8 }}
      {{- with $root.Values.images.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "aipassport.selector" (list $root $.component) | nindent 14 }}
        {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "aipassport.image" (list $root .image) }}
          imagePullPolicy: {{ $root.Values.images.pullPolicy }}
          ports:
            - { name: http, containerPort: {{ .port }} }
            - { name: metrics, containerPort: 9464 }
          env:
            {{- include "aipassport.environment" $settings | trim | nindent 12 }}
          # a server needs four seconds to notice that its database does not answer
          readinessProbe:
            httpGet: { path: /health/ready, port: http }
            periodSeconds: 2
            timeoutSeconds: 4
            failureThreshold: 2
          livenessProbe:
            httpGet: { path: /health/live, port: http }
            periodSeconds: 10
            timeoutSeconds: 4
          startupProbe:
            httpGet: { path: /health/live, port: http }
            periodSeconds: 2
            failureThreshold: 30
          resources: {{- toYaml .values.resources | nindent 12 }}
          securityContext: {{- include "aipassport.containerSecurity" $root | nindent 12 }}
          volumeMounts:
            {{- include "aipassport.serverMounts" . | trim | nindent 12 }}
      volumes:
        {{- include "aipassport.serverVolumes" . | trim | nindent 8 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "aipassport.labels" $root | nindent 4 }}
spec:
  selector: {{- include "aipassport.selector" (list $root .component) | nindent 4 }}
  ports:
    - { name: http, port: {{ .port }}, targetPort: http }
---
# For Prometheus only: the network policies close it for everything else.
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}-metrics
  labels: {{- include "aipassport.labels" $root | nindent 4 }}
  annotations: { prometheus.io/scrape: 'true', prometheus.io/port: '9464' }
spec:
  clusterIP: None
  selector: {{- include "aipassport.selector" (list $root .component) | nindent 4 }}
  ports:
    - { name: metrics, port: 9464, targetPort: metrics }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{- include "aipassport.labels" $root | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "aipassport.selector" (list $root .component) | nindent 6 }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels: {{- include "aipassport.labels" $root | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ $name }} }
  minReplicas: {{ .values.autoscaling.minReplicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  # streams last minutes, so remove servers slowly
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 600
      policies: [{ type: Pods, value: 1, periodSeconds: 120 }]
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ .values.autoscaling.cpuPercent }} } }
    {{- with .values.autoscaling.liveRequests }}
    - type: Pods
      pods:
        metric: { name: aipassport_proxy_live_requests }
        target: { type: AverageValue, averageValue: {{ . | quote }} }
    {{- end }}
{{- if $root.Values.doctor.enabled }}
---
# Examines this server's settings, secrets and surroundings. It runs in the operator's image, because the images of the
# servers do not contain the command `aipassport`.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ $name }}-doctor
  labels: {{- include "aipassport.labels" $root | nindent 4 }}
spec:
  schedule: {{ $root.Values.doctor.schedule | quote }}
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        metadata:
          labels:
            {{- include "aipassport.labels" $root | nindent 12 }}
            app.kubernetes.io/component: doctor
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          enableServiceLinks: false
          securityContext: {{- include "aipassport.podSecurity" $root | nindent 12 }}
          {{- with $root.Values.images.pullSecrets }}
          imagePullSecrets: {{- toYaml . | nindent 12 }}
          {{- end }}
          containers:
            - name: doctor
              image: {{ include "aipassport.image" (list $root $root.Values.images.operator) }}
              imagePullPolicy: {{ $root.Values.images.pullPolicy }}
              command: [aipassport, doctor]
              # without PORT, it asks the servers at their public URLs
              env:
                {{- include "aipassport.environment" (omit $settings "PORT" "METRICS_PORT" "METRICS_HOST") | trim | nindent 16 }}
              resources: { limits: { memory: 512Mi } }
              securityContext: {{- include "aipassport.containerSecurity" $root | nindent 16 }}
              volumeMounts:
                {{- include "aipassport.serverMounts" . | trim | nindent 16 }}
          volumes:
            {{- include "aipassport.serverVolumes" . | trim | nindent 12 }}
{{- end }}
{{- end }}
