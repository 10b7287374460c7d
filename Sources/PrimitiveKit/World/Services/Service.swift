/// One kind of thing outside that operations reach through `World`: hosts, databases, HTTP, programs of this machine.
///
/// A service is a protocol for its callers (`Form`) and four ways to stand behind it. All of it lies in one folder; the
/// composition hands the live form to `Services`, and nothing else knows the service.
package protocol Service: SendableMetatype {
  associatedtype Form: Sendable

  /// The folder of its reads in a recording, for example `hosts`; letters only, and stable.
  static var name: String { get }

  /// The form of dry runs: lets reads through and refuses everything else.
  static func reading(_ live: Form) -> Form
  /// Passes everything on, and keeps in the log what reads answered.
  static func recording(_ live: Form, in log: RecordingLog) -> Form
  /// Answers reads from a recording and refuses everything else; reaches nothing.
  static func replaying(_ log: ReplayLog) -> Form
  /// The form of a world that has none: every call fails and says so.
  static var absent: Form { get }

  /// Why a question is not in a recording, in words of this service.
  static func missing(_ nearest: NearestRead) -> String
}

/// What a recording holds instead of a read that was asked for.
package enum NearestRead: Sendable, Equatable {
  /// Nothing of this subject.
  case noSubject
  /// Other reads of this subject.
  case noQuestion
  /// The same question, but for these parts.
  case changed(parts: [String])
}

extension Service {
  package static func missing(_ nearest: NearestRead) -> String {
    switch nearest {
    case .noSubject: "nothing about this subject was recorded"
    case .noQuestion: "this was not recorded"
    case .changed(let parts): "it was recorded with another \(parts.joined(separator: ", "))"
    }
  }
}

/// The services of a world, each in the form that its mode asks for.
package struct Services: Sendable {
  private struct Entry: Sendable {
    let name: String
    let live: any Sendable
    let reading: any Sendable
    let record: @Sendable (RecordingLog) -> Entry
    let replay: @Sendable (ReplayLog) -> Entry

    init<S: Service>(_ service: S.Type, _ live: S.Form) {
      name = S.name
      self.live = live
      reading = S.reading(live)
      record = { Entry(service, S.recording(live, in: $0)) }
      replay = { Entry(service, S.replaying($0)) }
    }
  }

  private var entries: [ObjectIdentifier: Entry] = [:]

  package init() {}

  /// The same services and one more.
  package func with<S: Service>(_ service: S.Type, _ live: S.Form) -> Services {
    var services = self
    services.entries[ObjectIdentifier(service)] = Entry(service, live)
    return services
  }

  /// The folders that a recording of them has.
  package var names: [String] { entries.values.map(\.name).sorted() }

  /// The same services, their reads kept in one log.
  package func recorded(in log: RecordingLog) -> Services { mapped { $0.record(log) } }

  /// The same services, answered by one recording; none of them reaches anything.
  package func replayed(from log: ReplayLog) -> Services { mapped { $0.replay(log) } }

  func form<S: Service>(of service: S.Type, readsOnly: Bool) -> S.Form {
    let entry = entries[ObjectIdentifier(service)]
    return (readsOnly ? entry?.reading : entry?.live) as? S.Form ?? S.absent
  }

  private func mapped(_ change: (Entry) -> Entry) -> Services {
    var services = self
    services.entries = entries.mapValues(change)
    return services
  }
}
