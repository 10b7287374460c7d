package import PrimitiveKit
import Synchronization

/// Passes everything on and remembers what hosts answered to reads.
///
/// Nothing is written before the end: a recording is one whole, or the older one stays.
package final class RecordingTransport: Transport {
  private struct Entry {
    let request: CommandRequest
    var answers: [RecordedAnswer?] = []
  }

  private let base: any Transport
  private let entries = Mutex<[String: [ReadKey: Entry]]>([:])

  package init(_ base: any Transport) { self.base = base }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    guard request.effect == .reads else { return try await base.execute(request, on: host) }
    let key = ReadKey(request)
    // The place is taken before the answer comes: equal reads at once are replayed in the order they were asked.
    let place = entries.withLock { entries in
      entries[host.name, default: [:]][key, default: Entry(request: request)].answers.append(nil)
      return (entries[host.name]?[key]?.answers.count ?? 1) - 1
    }
    do throws(TransportError) {
      let result = try await base.execute(request, on: host)
      keep(RecordedAnswer(result), host.name, key, place)
      return result
    } catch {
      keep(RecordedAnswer(error), host.name, key, place)
      throw error
    }
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    try await base.put(file, on: host)
  }

  /// Everything answered so far, in one order: hosts by name, reads by command and input.
  package func recording(_ meta: Recording.Meta) -> Recording {
    let hosts = entries.withLock { entries in
      entries.mapValues { reads in
        reads.values
          .map { RecordedRead($0.request, answers: $0.answers.compactMap(\.self)) }
          .filter { !$0.answers.isEmpty }
          .sorted { ($0.command, $0.commandSHA256, $0.inputSHA256) < ($1.command, $1.commandSHA256, $1.inputSHA256) }
      }
    }
    return Recording(meta: meta, hosts: hosts.filter { !$0.value.isEmpty })
  }

  private func keep(_ answer: RecordedAnswer?, _ host: String, _ key: ReadKey, _ place: Int) {
    entries.withLock { $0[host]?[key]?.answers[place] = answer }
  }
}
