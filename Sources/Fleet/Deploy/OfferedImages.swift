import PrimitiveKit
import Site
import Synchronization

package import struct Foundation.Date

/// The images that completion offers: those of the site that are not marked bad.
///
/// A pressed key cannot wait for the journal, so it gets what was known last. The journal is asked again once a mark
/// was changed here, or after `maxAge` for the marks of others; however many keys are pressed, once at a time.
package final class OfferedImages: Sendable {
  private let state: Mutex<State>
  private let fleet: Fleet
  private let maxAge: Double
  private let now: @Sendable () -> Date

  private struct State {
    var names: [String]
    /// When they were read, and in which edition of the marks; nil before.
    var read: (at: Date, edition: Int)?
    var reading: Task<Void, Never>?
  }

  /// `maxAge` is in seconds.
  package init(_ fleet: Fleet, maxAge: Double = 30, now: (@Sendable () -> Date)? = nil) {
    self.fleet = fleet
    self.maxAge = maxAge
    self.now = now ?? fleet.world.now
    state = Mutex(State(names: (fleet.site?.fleet.images.keys).map { $0.sorted() } ?? []))
  }

  /// The names as they are known now.
  package var known: [String] {
    if isStale { _ = begin() }
    return state.withLock { $0.names }
  }

  /// Asks the journal, or waits for who asks it already.
  package func refresh() async { await begin().value }

  /// Waits until nobody asks the journal; for tests.
  func settle() async { await state.withLock { $0.reading }?.value }

  private var isStale: Bool {
    let (edition, time) = (fleet.releases.edition, now())
    return state.withLock { state in
      guard let read = state.read else { return true }
      return read.edition != edition || time.timeIntervalSince(read.at) > maxAge
    }
  }

  private func begin() -> Task<Void, Never> {
    state.withLock { state in
      if let task = state.reading { return task }
      let task = Task.detached { await self.read() }
      state.reading = task
      return task
    }
  }

  private func read() async {
    let (edition, time) = (fleet.releases.edition, now())
    let names = await fleet.offeredImages()
    // The first look may be what opens the journal.
    let after = state.withLock { $0.read == nil } ? fleet.releases.edition : edition
    state.withLock { state in
      state.names = names
      state.read = (time, after)
      state.reading = nil
    }
  }
}
