import Fleet
import Site
import Synchronization

/// The images that completion offers: those of the site that are not marked bad.
///
/// A pressed key cannot wait for the journal, so it gets what was known last, and asks for the next time.
final class OfferedImages: Sendable {
  private let names: Mutex<[String]>
  private let fleet: Fleet

  init(_ fleet: Fleet) {
    self.fleet = fleet
    names = Mutex((fleet.site?.fleet.images.keys).map { $0.sorted() } ?? [])
  }

  /// The names as they are known now.
  var known: [String] {
    Task.detached { await self.refresh() }
    return names.withLock { $0 }
  }

  /// Asks the journal.
  func refresh() async {
    let offered = await fleet.offeredImages()
    names.withLock { $0 = offered }
  }
}
