import Foundation
import Foundations
import PrimitiveKit

/// The `opsh-lab` command: reads its arguments, does one thing, prints the outcome.
package enum Command {
  package static let help = """
    usage: opsh-lab COMMAND [--dir DIR] [--json]

    A real fleet on loopback: sshd, bots and a login service, all below one directory.

      up [--hosts N] [--bots-per-host M] [--port P] [--staging | --no-staging]
                        raise a lab (6 hosts, 3 bots each) and write DIR/site.lua
      up --system aiquant [--hosts N] [--port P]
                        raise hosts with systemd (1, up to 20) and the four units of that system
      status            show what runs and what is broken
      break KIND HOST   break a host
      mend [HOST]       undo every break of a host, or of all
      down              end every process and remove every file of the lab

    DIR is $XDG_RUNTIME_DIR/opsh-lab-UID or /tmp/opsh-lab-UID unless --dir names another.
    Kinds of break:

    """
    + Break.allCases.map { "  \($0.rawValue)".padding(toLength: 18, withPad: " ", startingAt: 0) + $0.summary + "\n" }
    .joined()

  /// Runs the command and returns the text for standard output.
  ///
  /// Throws a `LabError` and others.
  package static func run(_ arguments: [String]) async throws -> String {
    let options = try Options(arguments)
    if options.help { return help }
    let directory = options.directory ?? Lab.defaultDirectory
    var words = options.words[...]
    switch words.popFirst() {
    case "up":
      try expect(none: words, after: "up")
      return try await up(directory, options)
    case "down":
      try expect(none: words, after: "down")
      try await Lab.down(directory: directory)
      return options.json ? "{\"dir\":\"\(directory)\"}\n" : "removed the lab in \(directory)\n"
    case "status":
      try expect(none: words, after: "status")
      let status = try await Lab.open(directory: directory).status()
      return options.json ? try json(status) : status.text
    case "break":
      guard words.count == 2, let kind = words.first, let host = words.last else {
        throw LabError.usage("break needs a kind and a host")
      }
      let lab = try Lab.open(directory: directory)
      let what = try Break(named: kind)
      try await lab.break(what, host: host)
      return "\(host): \(what.summary)\n"
    case "mend":
      if words.count > 1 { throw LabError.usage("mend takes one host, or none for all") }
      try await Lab.open(directory: directory).mend(host: words.first)
      return "\(words.first ?? "every host") is mended\n"
    case .some(let other): throw LabError.usage("unknown command '\(other)'")
    case nil: throw LabError.usage("no command given")
    }
  }

  private static func up(_ directory: String, _ options: Options) async throws -> String {
    let size = Lab.Size(
      hosts: options.hosts ?? (options.system == nil ? 6 : 1),
      botsPerHost: options.botsPerHost ?? 3,
      staging: options.staging,
      system: options.system
    )
    let lab = try await Lab.up(directory: directory, size: size, port: options.port)
    let facts = UpFacts(
      dir: lab.directory,
      site: lab.site,
      hosts: lab.hosts.count,
      bots: lab.hosts.reduce(0) { $0 + $1.bots.count },
      port: lab.port,
      user: lab.user,
      seconds: lab.seconds
    )
    if options.json { return try json(facts) }
    return """
      \(facts.hosts) hosts with \(facts.bots) bots are up after \(String(format: "%.1f", facts.seconds)) s
      site: \(facts.site)
      ssh:  ssh -i \(lab.layout.userKey) -o UserKnownHostsFile=\(lab.layout.knownHosts) -p \(lab.port) \
      \(lab.user)@\(lab.hosts.first?.address ?? "")

      """
  }

  private struct UpFacts: Encodable {
    let dir: String, site: String, hosts: Int, bots: Int, port: Int, user: String, seconds: Double
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder.stable()
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }

  private static func expect(none words: ArraySlice<String>, after command: String) throws(LabError) {
    if let word = words.first { throw .usage("\(command): unexpected argument '\(word)'") }
  }

  /// The lines for standard error and the exit status of a failed command: 64 for usage, 1 else.
  package static func explain(_ error: any Error) -> (text: String, status: Int32) {
    let failure = CallFailure(anyError: error)
    let hint = failure.hint.map { "\n  hint: \($0)" } ?? ""
    let isUsage = failure.failureClass == .usage
    return ("opsh-lab: \(failure.message)\(hint) [\(failure.code)]\n", isUsage ? 64 : 1)
  }
}
