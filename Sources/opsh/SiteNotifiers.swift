import Checks
import Drivers
import Foundations
import PluginHost
import PrimitiveKit
import Runbooks
import Site

/// Who can be told of something: programs that the site names, and notifiers of plugins.
struct SiteNotifiers {
  /// What the site's key `notify` is called in routes.
  static let notify = "notify"

  let site: Site?
  let plugins: [LoadedPlugin]
  let environment: [String: String]

  /// The names that routes may use: of a plugin's notifier also without the plugin, where that is one only.
  var names: [String] { (programs(of: site).map(\.name) + offered.map(\.name)).sorted() }

  /// Whether a plugin could have others, but its manifest cannot be read.
  var mayHaveMore: Bool { plugins.contains { $0.manifest == nil } }

  /// All of them, over the plugins as they run.
  func notifiers(_ host: PluginHost) -> Notifiers {
    let hosted = offered.filter { $0.name == $0.notifier.whole }
    let short = offered.filter { $0.name != $0.notifier.whole }
    return Notifiers(
      programs(of: site) + hosted.map { HostedNotifier(name: $0.name, notifier: $0.notifier, host: host) },
      others: Dictionary(short.map { ($0.name, $0.notifier.whole) }, uniquingKeysWith: { first, _ in first })
    )
  }

  /// Those that hear of a question that stays unanswered.
  func forQuestions(_ host: PluginHost) -> [any Notifier] {
    let own = programs(of: site).filter { $0.name == SiteNotifiers.notify }
    return own + host.notifiers.map { HostedNotifier(name: $0.whole, notifier: $0, host: host) }
  }

  /// Throws `site.invalid` for the first route to a notifier that does not exist.
  func check(_ locate: (String) -> SourcePlace?) throws(CallFailure) {
    guard let site, !mayHaveMore else { return }
    do throws(DataError) {
      try site.sections[CheckSettings.self].check(notifiers: names)
    } catch {
      var error = error
      error.location = locate(error.path)
      throw CallFailure(error)
    }
  }

  private func programs(of site: Site?) -> [any Notifier] {
    guard let site else { return [] }
    var programs = site.sections[CheckSettings.self].programs.map { program in
      ProgramNotifier(name: program.name, command: program.command.map(expand), deadline: program.deadline)
    }
    if !site.runbooks.notify.isEmpty {
      programs.append(ProgramNotifier(name: SiteNotifiers.notify, command: site.runbooks.notify))
    }
    return programs
  }

  private func expand(_ text: String) -> String { UserDirectory.expanding(text, environment) }

  /// The notifiers of plugins by each name that they have; those of a plugin that could not be loaded too.
  private var offered: [(name: String, notifier: PluginNotifier)] {
    let all = plugins.flatMap { plugin in
      (plugin.manifest?.provides.notifiers ?? []).map { PluginNotifier(plugin: plugin.id, name: $0) }
    }
    let own = Set(programs(of: site).map(\.name))
    let short = all.filter { notifier in
      !own.contains(notifier.name) && all.count { $0.name == notifier.name } == 1
    }
    return all.map { ($0.whole, $0) } + short.map { ($0.name, $0) }
  }
}

extension PluginNotifier {
  /// The name that it always has.
  fileprivate var whole: String { "\(plugin).\(name)" }
}

/// A notifier of a plugin as it is called.
private struct HostedNotifier: Notifier {
  let name: String
  let notifier: PluginNotifier
  let host: PluginHost

  var deadline: Duration { host.patienceWithNotifiers }

  func deliver(_ event: Value) async throws(CallFailure) { try await host.deliver(event, to: notifier) }
}
