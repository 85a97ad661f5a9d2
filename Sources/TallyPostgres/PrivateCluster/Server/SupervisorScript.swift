// The shell text of the supervisor: start the server, wait for the end of our parent, stop it.
// Shell, because it must outlive a Swift process that is killed at any instant.

/// The scripts that ServerSupervisor runs with `/bin/sh` as the server's account.
enum SupervisorScript {
    // Arguments: pg_ctl, data, log, socket folder, bounds of start, fast and immediate stop.
    // Signals that reach the whole group of a service must not cut the supervisor short: the
    // traps do nothing, and are back to normal in the programs that it runs.
    private static let functions = """
        pg_ctl=$1 data=$2 log=$3 socket=$4 start=$5 fast=$6 immediate=$7
        trap : HUP INT QUIT TERM
        serving() {
            { read -r pid < "$data/postmaster.pid"; } 2>/dev/null || return 1
            [ "$(readlink "/proc/$pid/cwd")" = "$data" ]
        }
        halt() {
            serving || return 0
            "$pg_ctl" stop -D "$data" -s -w -m "$1" -t "$2" >&2
        }
        finish() {
            halt fast "$fast" || halt immediate "$immediate"
            code=$?
            rm -f "$socket"/.s.PGSQL.*
            [ ! -d "$socket" ] || rmdir "$socket"
            exit "$code"
        }

        """

    // The server must not hold the lock (3): it would keep it beyond its supervisor. Reading the
    // lifeline is left to cat, which unlike `read` is not interrupted by an ignored signal.
    static let supervise =
        functions + """
            if "$pg_ctl" start -D "$data" -l "$log" -s -w -t "$start" >&2 3>&-; then
                echo started
                (trap '' HUP INT QUIT TERM; exec cat >/dev/null)
            fi
            finish
            """

    static let stop = functions + "finish\n"
}
