import PrimitiveKit

extension HostScript {
  /// The exit status of a command whose host does not have the script yet.
  package static let missingStatus: Int32 = 96
  /// The exit status of a command that found another text under the script's name: drift.
  package static let driftStatus: Int32 = 97

  /// The exit status of a command whose epoch is older than one the host has obeyed.
  package static let staleStatus: Int32 = 98

  /// The command that refuses an epoch older than the newest one a host has obeyed; for what the script does not do itself.
  ///
  /// Leaves with `staleStatus`.
  package static func epochCheck(_ epoch: Int) -> [String] { ["sh", "-c", checksEpoch, "opsh-epoch", "\(epoch)"] }

  /// The command that takes a file that was sent to its place, unless `epoch` is an old one: then the file goes.
  ///
  /// Leaves with `staleStatus` then. Waits for nobody, so nothing can come between the look and the rename but the rename.
  /// What earlier attempts left that were cut off goes as well: whoever has the newest epoch is alone there.
  package static func placement(of staged: String, at path: String, epoch: Int) -> [String] {
    let place = """
      e=0
      { read -r e <"$HOME/.opsh/epoch"; } 2>/dev/null || e=0
      [ "$1" -ge "${e:-0}" ] || { rm -f -- "$2"; exit \(staleStatus); }
      [ ! -d "$3" ] || { rm -f -- "$2"; echo "a directory is there" >&2; exit 1; }
      mv -f -- "$2" "$3" || exit
      d=${3%/*} n=${3##*/}
      rm -f -- "$d/.$n".opsh-* "$d/..$n".opsh-* || :
      """
    return ["sh", "-c", place, "opsh-put", "\(epoch)"] + [staged, path].map(inLoginDirectory)
  }

  // As the SFTP server does, which starts in the login directory.
  private static func inLoginDirectory(_ path: String) -> String {
    let plain = path.hasPrefix("~/") ? String(path.dropFirst(2)) : path
    return plain.hasPrefix("/") ? plain : "./\(plain)"
  }

  /// Sh text that compares its first argument, when it is not empty, with the host's epoch.
  private static let checksEpoch = """
    e=0
    { read -r e <"$HOME/.opsh/epoch"; } 2>/dev/null || e=0
    [ -z "${1-}" ] || [ "$1" -ge "${e:-0}" ] || exit \(staleStatus)
    """

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

  /// The command that installs the script from its standard input, whole or not at all.
  ///
  /// Leaves with `driftStatus` when what arrived is not this text, and with `staleStatus` when `epoch` is an old one.
  package func installation(epoch: Int? = nil) -> [String] {
    let install = """
      \(Self.checksEpoch)
      umask 077
      cd "$HOME" && mkdir -p .opsh/bin || exit 1
      t=\(remotePath).$$
      cat >"$t" && sync "$t" || { rm -f "$t"; exit 1; }
      s=$(sha256sum <"$t")
      [ "${s%% *}" = \(sha256) ] || { rm -f "$t"; exit \(Self.driftStatus); }
      # Whoever sends it may have been stopped in the middle, and somebody else have taken over.
      trap 'rm -f "$t"' EXIT
      \(Self.checksEpoch)
      mv -f "$t" \(remotePath)
      """
    return ["sh", "-c", install, "opsh-install"] + (epoch.map { ["\($0)"] } ?? [])
  }
}
