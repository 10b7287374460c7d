import Drivers
import EventLoop
import Fleet
import Foundation
import Foundations
import HTTPClient
import HostScript
import PluginHost
import PrimitiveKit
import Runbooks
import SSH
import Site

/// Puts together what domains work with: the world with its drivers, the site, the plugins.
struct WorldComposition {
  let setting: SessionSetting
  /// The services that domains bring.
  let services: [ServiceDriver]

  /// The surroundings before there is a journal: nothing is recorded, and no guard is asked.
  func surroundings(
    _ site: Site?,
    plugins: [LoadedPlugin],
    known: [String: Runtime],
    clock: any Clock<Duration>,
    reads: ReadSource
  ) throws(CallFailure) -> Surroundings {
    var surroundings = Surroundings(
      world: world(clock, reads).offering(site?.fleet.offers ?? OfferedReleases()),
      dialogue: QuietedDialogue(setting.dialogue),
      options: setting.options,
      interruptions: setting.interruptions
    )
    surroundings.site = site
    surroundings.plugins = plugins
    surroundings.systems = plugins.sections
    surroundings.runtimes = try runtimes(plugins).merging(known) { current, _ in current }
    surroundings.hostTimes = hostTimes(site)
    return surroundings
  }

  /// The services of this process: hosts over SSH and this machine; recorded or replayed where that is asked for.
  func reads(_ site: Site?, transports: [String: TransportProgram] = [:]) throws(CallFailure) -> ReadSource {
    let sections = site?.sections ?? DataSections()
    return try ReadSource(
      record: setting.record,
      replay: setting.replay ?? recording(site),
      isDryRun: setting.options.isDryRun,
      site: site?.name ?? "",
      opsh: Opsh.version,
      now: { Date() },
      keepsValues: setting.recordsValues,
      services: Services(
        drivers(site, transports) + services,
        in: ServiceSetting(sections: sections, environment: setting.environment)
      )
    )
  }

  /// What several domains reach through the world: hosts over SSH, and this machine.
  private func drivers(_ site: Site?, _ transports: [String: TransportProgram]) -> [ServiceDriver] {
    let configuration = configuration(site)
    // Innermost, so that not even a recording sees a value.
    let masks = setting.masks
    return [
      ServiceDriver(Hosts.self) { _ in
        let client = SSHClient(configuration: configuration, loops: .shared)
        let hosts = HostTransport(
          ssh: SSHTransport(client: client),
          local: LocalTransport(),
          programs: transports.mapValues { ProgramTransport(program: $0) }
        )
        return MaskedTransport(hosts, masks)
      },
      ServiceDriver(Files.self) { _ in MachineFiles() },
      ServiceDriver(HTTP.self) { _ in HTTPClient(agent: "opsh/\(Opsh.version)") },
      ServiceDriver(Programs.self) { _ in MaskedPrograms(MachinePrograms(), masks) },
      ServiceDriver(Secrets.self) { [setting] in setting.secretStore($0.sections) },
    ]
  }

  /// The recording that the site names for dry runs, where the command line names none.
  ///
  /// Says so: a plan that rests on a recording is none of the fleet as it is now.
  private func recording(_ site: Site?) -> String? {
    guard setting.options.isDryRun, setting.record == nil, let path = setting.sitePath,
      let name = site?.runbooks.dryRun.recording
    else { return nil }
    let directory = PathText.directory(of: path)
    let whole = expand(name)
    let recording = whole.hasPrefix("/") || directory == "." ? whole : "\(directory)/\(whole)"
    setting.dialogue.say(
      "reads come from the recording \(recording), as set in \(path); use --record to read the fleet"
    )
    return recording
  }

  /// The world of this process: real clock, real randomness, and where reads come from.
  private func world(_ clock: any Clock<Duration>, _ reads: ReadSource) -> World {
    World(
      mode: .live,
      clock: clock,
      now: reads.now,
      drawSeed: { UInt64.random(in: 0 ... .max) },
      services: reads.services
    )
  }

  private func hostTimes(_ site: Site?) -> HostTimes {
    guard let site, let directory = UserDirectory.state(setting.environment) else { return HostTimes() }
    let file = HostTimesFile(directory: "\(directory)/opsh", site: site.name)
    return HostTimes(known: file.load(), save: { file.save($0) })
  }

  private func runtimes(_ plugins: [LoadedPlugin]) throws(CallFailure) -> [String: Runtime] {
    var runtimes: [String: Runtime] = [:]
    for driver in plugins.flatMap(\.runtimes) {
      do {
        let script = try HostScript(driver: driver.script, environment: driver.environment)
        runtimes[driver.name] = Runtime(name: driver.name, script: script)
      } catch {
        throw CallFailure(error)
      }
    }
    return runtimes
  }

  private func configuration(_ site: Site?) -> SSHConfiguration {
    let home = setting.environment["HOME"]
    let usual = home.map { home in ["id_ed25519", "id_ecdsa", "id_rsa"].map { "\(home)/.ssh/\($0)" } } ?? []
    var configuration = SSHConfiguration(
      knownHosts: site?.ssh.knownHosts.map { [expand($0)] } ?? home.map { ["\($0)/.ssh/known_hosts"] } ?? [],
      keyFiles: site?.ssh.key.map { [expand($0)] }
        ?? usual.filter { FileManager.default.fileExists(atPath: $0) },
      agentSocket: site?.ssh.agent ?? true ? setting.environment["SSH_AUTH_SOCK"] : nil
    )
    if let timeout = site?.ssh.connectTimeout { configuration.connectTimeout = timeout }
    return configuration
  }

  private func expand(_ path: String) -> String { UserDirectory.expanding(path, setting.environment) }
}
