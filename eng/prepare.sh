# What ./run, ./test and ./bench do before anything else; sourced by them. Every failure is one sentence.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
local_data=$root/.computeshare

# No build process may stay behind when the command has ended.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

need_dotnet() {
    command -v dotnet >/dev/null || fail "The .NET 10 SDK is not installed."
    # global.json says which SDKs will do.
    dotnet --version >/dev/null 2>&1 || fail "The .NET 10 SDK is not installed; found: $(dotnet --list-sdks | cut -d ' ' -f 1 | paste -sd ' ')."
}

need_node() {
    command -v node >/dev/null && command -v npm >/dev/null || fail "Node.js with npm is not installed."
}

container_runtime_answers() {
    local runtime
    for runtime in docker podman; do
        if command -v "$runtime" >/dev/null && timeout 10 "$runtime" container ls -n 1 >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

# Redis and PostgreSQL come from containers where a runtime answers, else from Debian's packages.
need_servers() {
    local missing=()
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    [[ ${Servers__Mode:-} != external && ${Servers__Mode:-} != container ]] || return 0
    ! container_runtime_answers || return 0
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null ||
        fail "Redis and PostgreSQL are needed: install ${missing[*]}, or start a container runtime."
    install_packages "${missing[@]}"
}

# The tests' Redis Cluster is of processes, also where containers would do for a single Redis.
need_redis_server() {
    command -v redis-server >/dev/null && return 0
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || fail "The tests need redis-server: install it."
    install_packages redis-server
}

# Network namespaces with a NAT in between, for the tests of a hoster at home. Without them these tests say that they were skipped.
want_network_tools() {
    local missing=()
    command -v ip >/dev/null || missing+=(iproute2)
    command -v nft >/dev/null || missing+=(nftables)
    command -v sysctl >/dev/null || missing+=(procps)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        install_packages "${missing[@]}"
    else
        say "Without ${missing[*]}, and without root, the tests behind a NAT are skipped."
    fi
}

install_packages() {
    say "Installing $* …"
    local log policy=/usr/sbin/policy-rc.d
    log=$(mktemp)
    # A package that is installed here starts no service: the local topology runs servers of its own.
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 ||
        { apt-get update >"$log" 2>&1 && apt-get install -y --no-install-recommends "$@" >"$log" 2>&1; } ||
        fail "apt-get could not install $*: $(grep -E '^(E|Err):' "$log" | head -n 1)"
    rm -f "$log"
    if [[ -n $(trap -p EXIT) ]]; then
        rm -f "$policy"
        trap - EXIT
    fi
}

# open: NuGet has the Aspire packages. restricted: it has not, and eng/restricted stands in. Asked once; MSBuild reads the answer.
find_out_registry() {
    local answer=$local_data/registry.props kind
    case ${COMPUTESHARE_REGISTRY:-} in
        open | restricted)
            registry=$COMPUTESHARE_REGISTRY
            return
            ;;
        '') ;;
        *) fail "COMPUTESHARE_REGISTRY must be open or restricted." ;;
    esac
    if [[ -f $answer ]]; then
        registry=$(sed -n 's:.*<ComputeShareRegistry>\(.*\)</ComputeShareRegistry>.*:\1:p' "$answer")
        return
    fi

    say "Asking the package registry for Aspire …"
    kind=$(probe_registry)
    mkdir -p -m 0700 "$local_data"
    printf '<Project><PropertyGroup><ComputeShareRegistry>%s</ComputeShareRegistry></PropertyGroup></Project>\n' "$kind" >"$answer.new"
    mv "$answer.new" "$answer"
    registry=$kind
    say "The package registry is $registry (kept in .computeshare/registry.props)."
}

probe_registry() {
    local probe
    probe=$(mktemp -d)
    cp eng/restricted/probe.xml "$probe/probe.csproj"
    if dotnet restore "$probe/probe.csproj" >"$probe/log" 2>&1; then
        echo open
    elif grep -qE 'NU110[123]' "$probe/log"; then
        echo restricted
    else
        fail "The package registry does not answer: $(grep -m 1 -oE 'error .*' "$probe/log" || tail -n 1 "$probe/log")"
    fi
    rm -rf "$probe"
}

need_dashboard() {
    [[ $registry != restricted ]] || eng/restricted/dashboard fetch >/dev/null
}

# Runs a command with its output in $step_log, and shows every 15 s that it is still at work.
with_progress() {
    local what=$1 started=$SECONDS shown=0 code=0
    shift
    # Behind the shell's back, so that a signal to this script is not kept waiting (see interrupted).
    "$@" >"$step_log" 2>&1 &
    step_process=$!
    while kill -0 "$step_process" 2>/dev/null; do
        sleep 0.2
        if ((SECONDS - started >= shown + 15)); then
            shown=$((SECONDS - started))
            say "  … $what: $shown s"
        fi
        if [[ -n $step_limit ]] && ((SECONDS - started >= step_limit)); then
            say "  … $what hangs and is ended"
            kill "$step_process"
            step_limit=
        fi
    done
    wait "$step_process" || code=$?
    step_process=
    return "$code"
}

step_process=
# Seconds after which a step is told to end; empty: never.
step_limit=
interrupted() {
    [[ -z $step_process ]] || kill "$step_process" 2>/dev/null || true
    exit 130
}
