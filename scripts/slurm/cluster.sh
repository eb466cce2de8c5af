#!/usr/bin/env bash
# A whole Slurm on one machine and on loopback: a controller and virtual nodes of its own, with their own key, ports and
# directory, so that nothing of a Slurm that is installed here is touched. For tests of the fleet; needs slurm-wlm and munge
# of Debian, and root.
#
#   cluster.sh install               installs both, where apt-get and root are to be had; fails where they are not
#   cluster.sh try                   installs both, and fails where a cluster does not come up on this machine
#   cluster.sh start DIR [NODES]     starts it (4 nodes unless said otherwise) and prints: export SLURM_CONF=DIR/slurm.conf
#   cluster.sh stop DIR              ends it, jobs included; DIR stays, with its logs
set -euo pipefail

readonly action=${1:-} nodes=${3:-4}
directory=$(realpath -m "${2:-/nowhere}")
readonly controller_port=${SLURM_CLUSTER_PORT:-26817}

die() { echo "cluster.sh: $*" >&2; exit 1; }

require() {
  for program in slurmctld slurmd sinfo munged; do
    command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin command -v "$program" >/dev/null ||
      die "$program is missing; install it with: apt-get install slurm-wlm munge"
  done
  [ "$(id -u)" = 0 ] || die 'the daemons need root'
}

install() {
  (require) 2>/dev/null && return
  [ "$(id -u)" = 0 ] || die 'installing needs root'
  command -v apt-get >/dev/null || die 'there is no apt-get here'
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge) \
    >/dev/null 2>&1 || die 'slurm-wlm and munge could not be installed'
  require
}

configure() {
  mkdir -p "$directory"/{state,spool,log,run}
  chmod 755 "$directory" "$directory"/run
  dd if=/dev/urandom of="$directory/munge.key" bs=1024 count=1 status=none
  chmod 600 "$directory/munge.key"
  local first=$((controller_port + 1))
  cat >"$directory/slurm.conf" <<CONF
ClusterName=virtual
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$controller_port
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$directory/run/munge.socket
StateSaveLocation=$directory/state
SlurmdSpoolDir=$directory/spool/%n
SlurmctldPidFile=$directory/run/slurmctld.pid
SlurmdPidFile=$directory/run/slurmd-%n.pid
SlurmctldLogFile=$directory/log/slurmctld.log
SlurmdLogFile=$directory/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,batch_sched_delay=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
MinJobAge=3600
KillWait=5
InactiveLimit=0
NodeName=node[1-$nodes] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[$first-$((first + nodes - 1))] CPUs=1 RealMemory=512 State=UNKNOWN
PartitionName=local Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
}

launch() {
  export SLURM_CONF=$directory/slurm.conf PATH=$PATH:/usr/sbin
  munged --force --key-file="$directory/munge.key" --socket="$directory/run/munge.socket" \
    --pid-file="$directory/run/munged.pid" --log-file="$directory/log/munged.log" --seed-file="$directory/state/munge.seed" \
    --num-threads=2
  slurmctld -f "$SLURM_CONF" -c
  for ((node = 1; node <= nodes; node++)); do slurmd -f "$SLURM_CONF" -N "node$node"; done
  for ((second = 0; second < 30; second++)); do
    [ "$(sinfo --noheader --format=%D --states=idle 2>/dev/null || true)" = "$nodes" ] && return
    sleep 1
  done
  tail -n 5 "$directory"/log/*.log >&2
  die 'the nodes did not come up within 30 s'
}

stop() {
  export SLURM_CONF=$directory/slurm.conf
  [ -e "$SLURM_CONF" ] || die "there is no cluster in $directory"
  timeout 10 scancel --user=root 2>/dev/null || true
  local -a pids=()
  for file in "$directory"/run/slurmd-*.pid "$directory"/run/slurmctld.pid "$directory"/run/munged.pid; do
    if [ -e "$file" ]; then pids+=("$(cat "$file")"); fi
  done
  kill "${pids[@]}" 2>/dev/null || true
  # The controller saves its state as it ends: until then the directory can't be deleted.
  for ((tenth = 0; tenth < 100; tenth++)); do
    kill -0 "${pids[@]}" 2>/dev/null || return 0
    sleep 0.1
  done
  die "after 10 s not all daemons have ended: ${pids[*]}"
}

case $action in
  install) install ;;
  try)
    install
    directory=$(mktemp -d)
    trap 'rm -rf "$directory"' EXIT
    configure
    launch
    stop
    ;;
  start)
    require
    configure
    launch
    echo "export SLURM_CONF=$directory/slurm.conf"
    ;;
  stop) stop ;;
  *) die 'say install, try, start DIR [NODES] or stop DIR' ;;
esac
