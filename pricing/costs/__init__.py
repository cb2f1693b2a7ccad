"""Normal value: the undistorted cost of a tonne, by component and stage."""
