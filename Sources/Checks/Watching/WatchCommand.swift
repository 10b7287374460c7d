import Foundation
package import PrimitiveKit

extension Subcommand {
  /// `opsh watch`: what tells people of findings.
  static var watch: Subcommand {
    Subcommand(
      "watch",
      "measures checks on their schedules and tells notifiers what changes",
      CommandArgument<[String]>.anyWords(
        "NAME",
        "a check, or a pattern such as 'host.*' (default: all)",
        completion: .named("checks")
      ),
      CommandArgument<Bool>.flag("once", "look once, deliver what waits, and end"),
      CommandArgument<Bool>.flag("unit", "print a systemd user unit that watches, and end"),
      exits: [
        CommandExit(.ok, "it was ended by a signal, or has looked once"),
        CommandExit(.failuresWithinBudget, "`--once`, and a notice was not delivered"),
        CommandExit(.lockRefused, "there is no journal, or `--once` and another one watches"),
      ],
      examples: [
        Example("opsh watch --once", "a look from cron"),
        Example("opsh watch --unit", "a unit for ~/.config/systemd/user/opsh-watch.service"),
      ],
      insteadOfDryRun: "`opsh check` only looks",
      insteadOfYes: "it asks nothing"
    ) { call, names, isOnce, wantsUnit async throws(CallFailure) in
      let list = call.surroundings.checkList
      let checks = try list.selected(by: names.isEmpty ? ["*"] : names)
      if wantsUnit {
        call.write(try WatchUnit(names: names, site: call.surroundings.sitePath).text)
        return []
      }
      for problem in checks.compactMap(\.problem) + list.gateProblems + list.routeProblems {
        call.dialogue.say("checks: \(problem.message)")
      }
      // Whether it is at work cannot be asked of the one that is.
      let watched = checks.filter { $0.declaration.name != WatchAge.name }
      try await Watcher(call.surroundings, watched, isOnce: isOnce).run()
      return []
    }
  }
}

extension Surroundings {
  private enum SitePathKey: SurroundingsKey {
    static var fallback: String? { nil }
  }

  /// The file that the site was read from; nil without one.
  package var sitePath: String? {
    get { self[SitePathKey.self] }
    set { self[SitePathKey.self] = newValue }
  }
}

/// The text of a unit of the account that watches (systemd.service(5)).
struct WatchUnit {
  let names: [String]
  /// The site file; throws without one, since a unit starts in no directory of ours.
  let site: String?
  var program = WatchUnit.own((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "opsh")
  var environment = ProcessInfo.processInfo.environment
  var directory = FileManager.default.currentDirectoryPath

  /// A program by its link in `/proc`, which says so where the file was replaced meanwhile.
  static func own(_ link: String) -> String {
    let suffix = " (deleted)"
    return link.hasSuffix(suffix) ? String(link.dropLast(suffix.count)) : link
  }

  /// Variables that decide which files and programs opsh uses.
  private static let kept = ["PATH", "PGPASSFILE", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "XDG_STATE_HOME"]

  var text: String {
    get throws(CallFailure) {
      guard let site else {
        throw CallFailure(
          .invalid,
          code: "site.missing",
          message: "opsh runs without a site, so there is nothing to watch",
          hint: "name one with `--site FILE` or $OPSH_SITE"
        )
      }
      let words = [program, "--site", absolute(site), "watch"] + names
      let command = words.map { WatchUnit.quoted($0, isCommand: true) }.joined(separator: " ")
      let variables = WatchUnit.kept.compactMap { name in
        environment[name].map { "Environment=\(WatchUnit.quoted("\(name)=\($0)", isCommand: false))\n" }
      }
      return """
        # systemctl --user daemon-reload && systemctl --user enable --now opsh-watch
        # loginctl enable-linger keeps it running while nobody is logged in.
        [Unit]
        Description=opsh watches the checks of \(WatchUnit.plain(absolute(site)))

        [Service]
        Type=exec
        ExecStart=\(command)
        WorkingDirectory=\(WatchUnit.plain(directory))
        \(variables.joined())Restart=on-failure
        RestartSec=5
        TimeoutStopSec=60

        [Install]
        WantedBy=default.target

        """
    }
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: "\(directory)/\(path)").standardizedFileURL.path
  }

  /// A word in quotes: `%` begins a specifier everywhere, and `$` a variable in commands.
  static func quoted(_ text: String, isCommand: Bool) -> String {
    let escaped = plain(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(isCommand ? escaped.replacing("$", with: "$$") : escaped)\""
  }

  private static func plain(_ text: String) -> String {
    text.replacing("%", with: "%%").replacing("\n", with: " ")
  }
}
