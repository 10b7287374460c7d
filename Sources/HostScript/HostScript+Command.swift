import PrimitiveKit

extension HostScript {
  /// The exit status of a command whose host does not have the script yet.
  package static let missingStatus: Int32 = 96
  /// The exit status of a command that found another text under the script's name: drift.
  package static let driftStatus: Int32 = 97

  /// The command that checks the installed script and runs it only when it is this very text (R1-33).
  ///
  /// Leaves with `missingStatus` or `driftStatus` when it is not; the caller then installs and tries again.
  package func command(_ arguments: [String]) -> [String] {
    let check = """
      f=$HOME/\(remotePath)
      [ -f "$f" ] || exit \(Self.missingStatus)
      s=$(sha256sum <"$f") || exit \(Self.driftStatus)
      [ "${s%% *}" = \(sha256) ] || exit \(Self.driftStatus)
      exec sh "$f" "$@"
      """
    return ["sh", "-c", check, "opsh-host"] + arguments
  }

  /// The same command as one line for a shell.
  package func commandLine(_ arguments: [String]) -> String { ShellQuote.line(command(arguments)) }

  /// The command that installs the script from its standard input, whole or not at all; `lease` is the sender's as options.
  ///
  /// It touches no file before the whole text has arrived, so whoever is cut off or stopped while sending leaves nothing.
  /// Leaves with `driftStatus` when what arrived is not this text, and as the script does when the lease may not change the host.
  package func installation(lease: [String] = []) -> [String] {
    let install = """
      umask 077
      x=$(cat && echo .) || exit 1
      x=${x%.}
      s=$(printf %s "$x" | sha256sum)
      [ "${s%% *}" = \(sha256) ] || exit \(Self.driftStatus)
      t=${HOME:?}/.opsh-install.$$
      trap 'rm -f "$t"' EXIT
      printf %s "$x" >"$t" && sync "$t" || exit 1
      sh "$t" install "$@"
      """
    return ["sh", "-c", install, "opsh-install"] + lease
  }
}
