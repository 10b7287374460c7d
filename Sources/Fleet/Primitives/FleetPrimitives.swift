package import PrimitiveKit

extension Fleet {
  /// Everything this module gives to Lua.
  package var primitives: [Primitive] {
    inventoryPrimitives + commandPrimitives + botPrimitives + deployPrimitives + simulationPrimitives
  }
}
