# Generated from the commands of latchkey; do not edit.
_latchkey() {
  local path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
      ' authz-server'|' sidecar'|' backup'|' restore'|' dev'|' policy'|'policy check'|'policy test'|'policy explain'|'policy can'|'policy diff'|'policy replay'|'policy fmt'|'policy rego'|'policy build'|'policy schema'|' init'|' device'|'device import'|'device list'|'device activate'|'device revoke'|' person'|'person add'|'person list'|'person disable'|'person enable'|'person reset'|' pair'|' key'|'key create'|'key show'|'key rotate'|' doctor'|' schema'|' completion') path="${path:+$path }${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
    '') words='authz-server sidecar backup restore dev policy init device person pair key doctor schema completion --version --help' ;;
    'authz-server') words='--check --dry-run --json --help' ;;
    'sidecar') words='--check --json --help' ;;
    'backup') words='--config --out --json --help' ;;
    'restore') words='--config --replace --json --help' ;;
    'dev') words='--port-base --data --demo --rules --json --help' ;;
    'policy') words='check test explain can diff replay fmt rego build schema --help' ;;
    'policy check') words='--sample --json --format --strict --things --at --help' ;;
    'policy test') words='--json --format --strict --things --at --help' ;;
    'policy explain') words='--who --what --may --from --purpose --client --proof --acr --link --state --attribute --type --tag --sample --json --format --strict --things --at --help' ;;
    'policy can') words='--who --what --may --json --format --strict --things --at --help' ;;
    'policy diff') words='--exit-code --json --format --strict --things --at --help' ;;
    'policy replay') words='--exit-code --lenient --json --format --strict --things --at --help' ;;
    'policy fmt') words='--check --write --json --format --strict --things --at --help' ;;
    'policy rego') words='--json --format --strict --things --at --help' ;;
    'policy build') words='--output --wasm --json --format --strict --things --at --help' ;;
    'policy schema') words='--guardrails --json --help' ;;
    'init') words='--guardrails --sidecar --json --help' ;;
    'device') words='import list activate revoke --help' ;;
    'device import') words='--dry-run --activate --issuer --client-id --key-file --json --help' ;;
    'device list') words='--issuer --client-id --key-file --json --help' ;;
    'device activate') words='--release --issuer --client-id --key-file --json --help' ;;
    'device revoke') words='--issuer --client-id --key-file --json --help' ;;
    'person') words='add list disable enable reset --help' ;;
    'person add') words='--email --name --password-file --verified --unverified --issuer --client-id --key-file --json --help' ;;
    'person list') words='--issuer --client-id --key-file --json --help' ;;
    'person disable') words='--issuer --client-id --key-file --json --help' ;;
    'person enable') words='--issuer --client-id --key-file --json --help' ;;
    'person reset') words='--issuer --client-id --key-file --json --help' ;;
    'pair') words='--issuer --device --client-id --key-file --token-file --scope --no-qr --json --help' ;;
    'key') words='create show rotate --help' ;;
    'key create') words='--json --help' ;;
    'key show') words='--json --help' ;;
    'key rotate') words='--issuer --client-id --key-file --json --help' ;;
    'doctor') words='--issuer --sidecar-admin --upstream --sidecar-config --authz-config --json --help' ;;
    'schema') words='--json --help' ;;
    'completion') words='--help' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _latchkey latchkey
