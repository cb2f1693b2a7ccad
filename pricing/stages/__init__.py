"""From ore to magnet: what a kilogram costs at each stage, and the tariff that lifts an import to a reference price."""
