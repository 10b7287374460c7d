import Console
import Foundations
import Glibc

@main
enum Opsh {
  static let version = "0.1.0"

  static func main() async {
    // A reader that leaves (`opsh … | head`) is noticed where text is written.
    signal(SIGPIPE, SIG_IGN)
    openStandardStreams()
    OpenFiles.raiseLimit()
    let output = FileOutput(STDOUT_FILENO)
    let errors = FileOutput(STDERR_FILENO)
    let program = Program(output: output, errors: errors, environment: environment)
    exit(program.ending(await program.run(CommandLine.arguments), of: CommandLine.arguments))
  }

  /// A stream that was closed before the start (`opsh >&-`) must not become the number of the journal or of a connection.
  private static func openStandardStreams() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one.
      _ = open("/dev/null", O_RDWR)
    }
  }

  private static var environment: [String: String] {
    var found: [String: String] = [:]
    for name in ["HOME", "OPSH_SITE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "NO_COLOR", "TERM", "SSH_AUTH_SOCK", "USER"]
    {
      if let value = getenv(name) { found[name] = String(cString: value) }
    }
    return found
  }
}
