package import PrimitiveKit

extension Surroundings {
  private enum RuntimesKey: SurroundingsKey {
    static var fallback: [String: Runtime] { [:] }
  }

  /// How bots run, by the name of the runtime; from plugins.
  package var runtimes: [String: Runtime] {
    get { self[RuntimesKey.self] }
    set { self[RuntimesKey.self] = newValue }
  }
}
